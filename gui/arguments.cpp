#include "gui/arguments.hpp"

#include <QRegularExpression>
#include <algorithm>
#include <array>

#include "gui/views/view_kinds.hpp"

namespace moesim::gui {
namespace {

constexpr auto kRows = std::to_array<ArgumentRow>({
    {"--screenshot", "VIEW FILE",
     "Draw a view of the results into FILE.png, .svg, .pdf or .csv without a display, and end"},
    {"--size", "WxH", "Size of the window or the picture in pixels; 1280x720 when absent"},
    {"--theme", "light|dark", "Colours; those of the system when absent"},
    {"--help", "", "Print this help and exit"},
    {"--man", "", "Print the manual page and exit"},
    {"--version", "", "Print the version and exit"},
});

/// What --screenshot takes besides the views.
constexpr auto kPages = std::to_array<ArgumentRow>({
    {"start", "", "recent files and shipped examples"},
    {"scenario", "", "the scenario editor, FILE being a scenario"},
    {"window", "", "the whole window"},
});

constexpr int kLeastSide = 200;
constexpr int kMostSide = 8192;

QString viewNames() {
  QStringList names;
  for (const ViewKind& kind : viewKinds()) names.append(QString::fromLatin1(kind.name));
  for (const ArgumentRow& page : kPages) names.append(QString::fromLatin1(page.name));
  return names.join(QStringLiteral(", "));
}

/// The next word after `at`, or a fault.
QString valueOf(const QStringList& words, qsizetype& at, Arguments& arguments) {
  if (at + 1 < words.size()) return words[++at];
  arguments.fault = QStringLiteral("%1 needs a value; try --help").arg(words[at]);
  return {};
}

void readSize(const QString& text, Arguments& arguments) {
  static const QRegularExpression kForm(QStringLiteral("^(\\d{1,5})x(\\d{1,5})$"));
  const QRegularExpressionMatch match = kForm.match(text);
  const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
  const bool isGood = match.hasMatch() && std::min(size.width(), size.height()) >= kLeastSide &&
                      std::max(size.width(), size.height()) <= kMostSide;
  if (isGood)
    arguments.size = size;
  else if (arguments.fault.isEmpty())
    arguments.fault = QStringLiteral("--size %1 is no size from 200x200 to 8192x8192, as 1280x720").arg(text);
}

void readOption(const QStringList& words, qsizetype& at, Arguments& arguments) {
  const QString word = words[at];
  if (word == QStringLiteral("--help") || word == QStringLiteral("-h")) {
    arguments.wantsHelp = true;
  } else if (word == QStringLiteral("--man")) {
    arguments.wantsManual = true;
  } else if (word == QStringLiteral("--version")) {
    arguments.wantsVersion = true;
  } else if (word == QStringLiteral("--screenshot")) {
    arguments.screenshotView = valueOf(words, at, arguments);
    if (arguments.fault.isEmpty()) arguments.screenshotFile = valueOf(words, at, arguments);
  } else if (word == QStringLiteral("--size")) {
    readSize(valueOf(words, at, arguments), arguments);
  } else if (word == QStringLiteral("--theme")) {
    arguments.theme = valueOf(words, at, arguments);
    if (arguments.theme != QStringLiteral("light") && arguments.theme != QStringLiteral("dark"))
      arguments.fault = QStringLiteral("--theme %1 is neither light nor dark").arg(arguments.theme);
  } else {
    arguments.fault = QStringLiteral("%1 is no option; try --help").arg(word);
  }
}

}  // namespace

std::span<const ArgumentRow> argumentRows() {
  return kRows;
}

std::span<const ArgumentRow> pageRows() {
  return kPages;
}

Arguments parseArguments(const QStringList& words) {
  Arguments arguments;
  for (qsizetype at = 0; at < words.size() && arguments.fault.isEmpty(); ++at) {
    if (words[at].startsWith(QLatin1Char('-')))
      readOption(words, at, arguments);
    else
      arguments.files.append(words[at]);
  }
  if (!arguments.fault.isEmpty() || arguments.screenshotView.isEmpty()) return arguments;
  const bool isPage = std::ranges::any_of(
      kPages, [&](const ArgumentRow& page) { return arguments.screenshotView == QLatin1String(page.name); });
  if (!isPage && findViewKind(arguments.screenshotView) == nullptr)
    arguments.fault =
        QStringLiteral("--screenshot %1 is no view; one of %2").arg(arguments.screenshotView, viewNames());
  else if (arguments.files.size() > 2)
    arguments.fault = QStringLiteral("--screenshot shows one result, or two that are compared");
  return arguments;
}

QString helpText() {
  QString text = QStringLiteral(
      "See load, time and links of results of moesim; compare two; run a scenario\n"
      "Usage: moesim-gui [OPTIONS] [FILE...]\n\n"
      "FILE is a folder of `moesim run -o`, a records.moesim, a result document (JSON) or a sweep file.\n\n"
      "Options:\n");
  for (const ArgumentRow& row : kRows)
    text += QStringLiteral("  %1%2\n")
                .arg(QStringLiteral("%1 %2").arg(QLatin1String(row.name), QLatin1String(row.value)), -28)
                .arg(QLatin1String(row.doc));
  text += QStringLiteral("\nViews:\n");
  for (const ViewKind& kind : viewKinds())
    text += QStringLiteral("  %1%2\n").arg(QLatin1String(kind.name), -28).arg(QLatin1String(kind.doc));
  for (const ArgumentRow& page : kPages)
    text += QStringLiteral("  %1%2\n").arg(QLatin1String(page.name), -28).arg(QLatin1String(page.doc));
  text += QStringLiteral(
      "\nExamples:\n"
      "  moesim-gui out/demo\n"
      "  moesim-gui before/ after/\n"
      "  moesim-gui --screenshot timeline timeline.png out/demo\n");
  return text;
}

}  // namespace moesim::gui
