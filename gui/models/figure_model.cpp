#include "gui/models/figure_model.hpp"

#include <QFont>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/metric.hpp"
#include "reports/summary_rows.hpp"

namespace moesim::gui {
namespace {

struct Published {
  QString value;
  QString source;
};

/// By key of the summary.
std::map<std::string, Published> publishedFigures(const Json& result) {
  std::map<std::string, Published> figures;
  const auto scenario = result.find("scenario");
  if (scenario == result.end() || !scenario->is_object() || !scenario->contains("published")) return figures;
  for (const Json& one : (*scenario)["published"]) {
    if (!one.is_object() || !one.contains("key") || !one.contains("value") || !one["value"].is_number())
      continue;
    const std::string key = one["key"].get<std::string>();
    figures[key] = {QString::fromStdString(metric_text(one["value"].get<double>(), unit_of_key(key))),
                    QString::fromStdString(one.value("source", std::string()))};
  }
  return figures;
}

/// What a figure is, where its name may be taken for another one; empty for the others.
QString docOf(const QString& key) {
  static constexpr auto kDocs = std::to_array<std::pair<const char*, const char*>>({
      {"bubble_fraction",
       "share of the step that the first pipeline rank spends between and after passes, waits for transfers "
       "between them included"},
      {"bubble_fraction_mean",
       "share of the step that pipeline ranks spend between and after passes, mean over ranks; waits for "
       "transfers between them are part of it, gaps inside of a pass are not. Idle (bubble) of the timeline "
       "is "
       "time with neither computation nor exposed communication"},
      {"exposed_communication_fraction",
       "share of the step in which transfers run and no computation hides them"},
  });
  for (const auto& [name, doc] : kDocs)
    if (key == QLatin1String(name)) return QStringLiteral("\n%1").arg(FigureModel::tr(doc));
  return {};
}

}  // namespace

void FigureModel::setDocument(const DocumentPtr& document) {
  beginResetModel();
  m_lines.clear();
  if (document) addLines(*document);
  endResetModel();
}

void FigureModel::addLines(const RunDocument& document) {
  const auto published = publishedFigures(document.result());
  for (const SummaryRow& row : summary_rows(document.summary())) {
    Line line;
    line.key = QString::fromStdString(row.key);
    line.depth = row.depth;
    line.isGroup = row.is_group();
    line.texts[kLabel] = QString::fromStdString(row.label);
    if (!line.isGroup) {
      QStringList values;
      for (const std::string& text : value_lines(row)) values.append(QString::fromStdString(text));
      line.texts[kValue] = values.join(QLatin1Char('\n'));
    }
    if (const auto at = published.find(row.key); at != published.end()) {
      line.texts[kPublished] = at->second.value;
      line.texts[kSource] = at->second.source;
    }
    m_lines.append(std::move(line));
  }
}

int FigureModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int FigureModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant FigureModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  const Line& line = m_lines[index.row()];
  const int column = index.column();
  if (role == Qt::DisplayRole)
    return column == kLabel ? QString(3 * line.depth, QLatin1Char(' ')) + line.texts[column]
                            : line.texts[column];
  if (role == Qt::ToolTipRole) return column == kSource ? line.texts[kSource] : line.key + docOf(line.key);
  if (role == Qt::TextAlignmentRole && (column == kValue || column == kPublished))
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::FontRole && line.isGroup) {
    QFont font;
    font.setBold(true);
    return font;
  }
  return {};
}

QVariant FigureModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  static const char* const kTitles[kNumColumns] = {"Figure", "Value", "Published", "Source"};
  return section >= 0 && section < kNumColumns ? QString::fromLatin1(kTitles[section]) : QString();
}

}  // namespace moesim::gui
