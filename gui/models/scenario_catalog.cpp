#include "gui/models/scenario_catalog.hpp"

#include <QFileInfo>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.hpp"

namespace moesim::gui {
namespace {

constexpr const char* kFolder = "workloads/scenarios";

/// The value at a path of keys as a text; empty where there is none.
QString valueText(const Json& scenario, const char* pointer) {
  const Json::json_pointer place(pointer);
  if (!scenario.contains(place)) return {};
  const Json& value = scenario[place];
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  return value.is_structured() ? QString() : QString::fromStdString(value.dump());
}

struct Part {
  const char* pointer;
  const char* text;  ///< %1 is the value
};

constexpr Part kParts[] = {
    {"/layout/tp", "tp %1"},
    {"/layout/pp", "pp %1"},
    {"/layout/ep", "ep %1"},
    {"/placement/ep", "ep %1"},
    {"/layout/schedule", "%1"},
    {"/recipe/precision", "%1"},
    {"/recipe/global_batch", "batch %1"},
    {"/placement/strategy", "%1"},
    {"/batch/tokens", "%1 tokens a step"},
    {"/batch/steps", "%1 steps"},
    {"/workload/input_tokens", "%1 tokens in"},
    {"/workload/output_tokens", "%1 tokens out"},
    {"/workload/duration", "%1"},
    {"/workload/trace", "trace %1"},
};

/// "prefill 7 x 32 GPUs" for each pool.
QStringList poolTexts(const Json& scenario) {
  QStringList parts;
  const auto pools = scenario.find("deployment");
  if (pools == scenario.end() || !pools->is_object()) return parts;
  for (const auto& [name, pool] : pools->items()) {
    const QString units = valueText(pool, "/units");
    const QString gpus = valueText(pool, "/layout/gpus");
    QString part = QString::fromStdString(name);
    if (!gpus.isEmpty())
      part += QStringLiteral(" %1 x %2 GPUs").arg(units.isEmpty() ? QStringLiteral("1") : units, gpus);
    parts.append(part);
  }
  return parts;
}

}  // namespace

QString scenarioLine(const Json& scenario) {
  if (!scenario.is_object()) return {};
  QString cluster = valueText(scenario, "/cluster");
  if (cluster.isEmpty()) cluster = valueText(scenario, "/cluster/base");
  if (cluster.isEmpty()) cluster = valueText(scenario, "/cluster/name");
  QString line = valueText(scenario, "/model");
  if (!cluster.isEmpty()) line += QStringLiteral(" on ") + cluster;
  QStringList parts = poolTexts(scenario);
  for (const Part& part : kParts)
    if (const QString value = valueText(scenario, part.pointer); !value.isEmpty())
      parts.append(QString::fromLatin1(part.text).arg(value));
  return parts.isEmpty() ? line : line + QStringLiteral(": ") + parts.join(QStringLiteral(", "));
}

bool isScenarioFile(const QString& path) {
  constexpr qint64 kMaxBytes = 1'000'000;
  const QFileInfo info(path);
  if (!info.isFile() || info.suffix() != QStringLiteral("json") || info.size() > kMaxBytes) return false;
  try {
    const Json document = read_json_file(path.toStdString());
    return document.is_object() && document.contains("kind") && document.contains("model") &&
           !document.contains("summary");
  } catch (const std::exception&) {
    return false;
  }
}

QVector<ShippedScenario> shippedScenarios() {
  QVector<ShippedScenario> scenarios;
  for (const std::string& file : list_data(kFolder, ".json")) {
    try {
      const Json scenario = read_json_file(find_data(std::string(kFolder) + "/" + file));
      scenarios.append({QString::fromStdString(file.substr(0, file.size() - 5)), valueText(scenario, "/kind"),
                        scenarioLine(scenario)});
    } catch (const std::exception&) {
      continue;  // the editor says why when it is opened
    }
  }
  return scenarios;
}

ScenarioCatalog::ScenarioCatalog(QObject* parent) : ScenarioCatalog(shippedScenarios(), parent) {}

ScenarioCatalog::ScenarioCatalog(QVector<ShippedScenario> scenarios, QObject* parent)
    : QAbstractTableModel(parent), m_scenarios(std::move(scenarios)) {}

int ScenarioCatalog::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_scenarios.size());
}

int ScenarioCatalog::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant ScenarioCatalog::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
  if (role == Qt::TextAlignmentRole && index.column() == kRun) return int(Qt::AlignCenter);
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  const ShippedScenario& scenario = m_scenarios[index.row()];
  switch (index.column()) {
    case kName:
      return scenario.name;
    case kRun:
      return tr("\u25b6 run");
    case kKind:
      return scenario.kind;
    default:
      return scenario.what;
  }
}

QVariant ScenarioCatalog::headerData(int section, Qt::Orientation orientation, int role) const {
  if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
  static const char* const kTitles[kNumColumns] = {"Example", "", "Kind", "What it simulates"};
  return section >= 0 && section < kNumColumns ? QString::fromLatin1(kTitles[section]) : QString();
}

}  // namespace moesim::gui
