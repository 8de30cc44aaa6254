#include "gui/models/comparison_model.hpp"

#include <QFont>
#include <algorithm>
#include <utility>
#include <vector>

#include "gui/models/error_text.hpp"
#include "reports/comparison_rows.hpp"
#include "reports/comparison_table.hpp"
#include "sim/results/comparison.hpp"

namespace moesim::gui {
namespace {

constexpr std::size_t kMostCharacters = 200;

QString valueText(const ComparedSection& section, const ComparedRow& row, std::size_t which) {
  return QString::fromStdString(compared_text(section, row, which, kMostCharacters));
}

/// Names of their own for two results.
std::pair<QString, QString> titles(const RunDocument& first, const RunDocument& second) {
  if (first.title() != second.title()) return {first.title(), second.title()};
  return {first.title() + QStringLiteral(" (1)"), second.title() + QStringLiteral(" (2)")};
}

}  // namespace

void ComparisonModel::setDocuments(const DocumentPtr& first, const DocumentPtr& second) {
  beginResetModel();
  m_lines.clear();
  m_fault.clear();
  if (first && second) {
    try {
      addLines(*first, *second);
    } catch (...) {
      m_lines.clear();
      m_fault = errorText(std::current_exception());
    }
  }
  endResetModel();
}

void ComparisonModel::addLines(const RunDocument& first, const RunDocument& second) {
  const auto [firstTitle, secondTitle] = titles(first, second);
  m_titles[kLabel] = tr("Figure or input");
  m_titles[kFirst] = firstTitle;
  m_titles[kSecond] = secondTitle;
  m_titles[kDifference] = tr("Difference");
  const Comparison comparison =
      compare_results({{firstTitle.toStdString(), first.path().toStdString(), &first.result(), nullptr},
                       {secondTitle.toStdString(), second.path().toStdString(), &second.result(), nullptr}});
  // What was changed explains the figures: it stands above them.
  std::vector<const ComparedSection*> sections;
  for (const ComparedSection& section : comparison.sections)
    if (!section.rows.empty()) sections.push_back(&section);
  std::ranges::stable_partition(sections, [](const ComparedSection* one) { return one->name == "inputs"; });
  for (const ComparedSection* section : sections) addSection(*section);
}

void ComparisonModel::addSection(const ComparedSection& section) {
  Line heading;
  heading.isHeading = true;
  heading.texts[kLabel] = QString::fromStdString(std::string(section.title));
  m_lines.append(heading);
  for (const ComparisonLine& line : comparison_lines(section)) {
    Line shown;
    const auto indent = static_cast<qsizetype>(3 * (line.depth + 1));
    shown.texts[kLabel] = QString(indent, QLatin1Char(' ')) + QString::fromStdString(line.label);
    if (line.row != nullptr) {
      shown.key = QString::fromStdString(line.row->key);
      shown.texts[kFirst] = valueText(section, *line.row, 0);
      shown.texts[kSecond] = valueText(section, *line.row, 1);
      if (section.shows_difference)
        shown.fraction = relative_difference(line.row->values[0], line.row->values[1]);
      shown.texts[kDifference] = QString::fromStdString(difference_text(section, *line.row, 1));
    }
    m_lines.append(shown);
  }
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const Line& line = m_lines[index.row()];
  if (role == Qt::DisplayRole) return line.texts[index.column()];
  if (role == Qt::ToolTipRole) return line.key;
  if (role == kFractionRole && line.fraction) return *line.fraction;
  if (role == Qt::TextAlignmentRole && index.column() != kLabel)
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::FontRole && line.isHeading) {
    QFont font;
    font.setBold(true);
    return font;
  }
  return {};
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal || section < 0 || section >= kNumColumns)
    return {};
  return m_titles[section];
}

}  // namespace moesim::gui
