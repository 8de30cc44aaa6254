#include "gui/models/span_query.hpp"

#include <QRegularExpression>
#include <QStringList>
#include <functional>

#include "gui/models/span_text.hpp"

namespace moesim::gui {
namespace {

constexpr qsizetype kMaxWords = 32;

/// Marks the names that hold a word.
void mark(std::array<std::uint32_t, 256>& marks, const QStringList& words,
          const std::function<QString(std::uint8_t)>& name) {
  for (std::size_t index = 0; index < marks.size(); ++index) {
    const QString text = name(static_cast<std::uint8_t>(index));
    for (qsizetype word = 0; word < words.size(); ++word)
      if (text.contains(words[word], Qt::CaseInsensitive)) marks[index] |= 1U << static_cast<unsigned>(word);
  }
}

}  // namespace

SpanQuery::SpanQuery(const QString& text, const SpanNames& names) {
  static const QRegularExpression number(
      QStringLiteral(R"(\b(rank|gpu|place|layer|micro-?batch|mb|request)[ :=]*(\d{1,8})\b)"),
      QRegularExpression::CaseInsensitiveOption);
  QString rest = text;
  auto matches = number.globalMatch(text);
  while (matches.hasNext()) {
    const auto match = matches.next();
    const QString key = match.captured(1).toLower();
    const int value = match.captured(2).toInt();
    if (key == QStringLiteral("rank"))
      m_rank = value;
    else if (key == QStringLiteral("gpu") || key == QStringLiteral("place"))
      m_gpu = value;
    else if (key == QStringLiteral("layer"))
      m_layer = value;
    else
      m_microbatch = value;
  }
  rest.remove(number);
  const QStringList words = rest.split(QLatin1Char(' '), Qt::SkipEmptyParts).mid(0, kMaxWords);
  m_hasWords = !words.isEmpty();
  if (!m_hasWords) return;
  m_allWords = words.size() == kMaxWords ? ~0U : (1U << static_cast<unsigned>(words.size())) - 1;
  mark(m_phases, words, [&](std::uint8_t index) { return phaseText(names, index); });
  mark(m_passes, words, [&](std::uint8_t index) { return passText(names, index); });
  mark(m_lanes, words, [&](std::uint8_t index) { return laneText(names, index); });
}

}  // namespace moesim::gui
