#include "gui/models/sweep_scenario.hpp"

#include <QStringList>
#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "base/spec_pointer.hpp"
#include "gui/models/result_json.hpp"

namespace moesim::gui {
namespace {

/// Cases of the grid that share a scenario: every combination of the varied values and every seed.
std::int64_t casesOfAScenario(const Json& grid) {
  std::int64_t count = std::max<std::int64_t>(1, static_cast<std::int64_t>(childOf(grid, "seeds").size()));
  const Json& vary = childOf(grid, "vary");
  if (!vary.is_object()) return count;
  for (const auto& [pointer, values] : vary.items()) count *= std::max<std::int64_t>(1, std::ssize(values));
  return count;
}

/// Without changes; an empty object where the document has none.
const Json& baseOf(const RunDocument& document, const SweepLine& line) {
  static const Json kNothing = Json::object();
  if (document.sweep().empty()) return childOf(document.result(), "scenario");
  const Json& grid = childOf(document.result(), "grid");
  const Json& all = childOf(grid, "scenarios");
  if (!all.is_array() || all.empty()) return childOf(grid, "scenario");
  const auto at = line.index / casesOfAScenario(grid);
  return at >= 0 && at < std::ssize(all) ? all[static_cast<std::size_t>(at)] : kNothing;
}

/// As a word of a shell.
QString quoted(const QString& text) {
  const bool isPlain = std::ranges::all_of(
      text, [](QChar one) { return one.isLetterOrNumber() || QStringLiteral("/=._-+:,").contains(one); });
  if (isPlain) return text;
  return QStringLiteral("'%1'").arg(QString(text).replace(QLatin1Char('\''), QStringLiteral("'\\''")));
}

}  // namespace

std::shared_ptr<const Json> scenarioOfLine(const RunDocument& document, const SweepLine& line) {
  const Json& base = baseOf(document, line);
  if (!base.is_object() || !base.contains("kind")) return nullptr;
  if (!line.raw || !line.raw->is_object() || line.raw->empty()) return std::make_shared<const Json>(base);
  auto scenario = std::make_shared<Json>(base);
  scenario->erase("published");
  try {
    for (const auto& [pointer, value] : line.raw->items())
      set_value_at_pointer(*scenario, Json::object(), {}, pointer, value);
  } catch (const std::exception&) {
    return nullptr;  // the document is not of this version
  }
  // Values that only a space of a search has, such as even stages, are resolved here.
  if (line.layout && textIn(*scenario, "kind") == QStringLiteral("training"))
    (*scenario)["layout"] = *line.layout;
  return scenario;
}

QString runCommand(const SweepLine& line) {
  QStringList words{QStringLiteral("moesim run SCENARIO")};
  if (line.raw && line.raw->is_object())
    for (const auto& [pointer, value] : line.raw->items())
      words.append(
          QStringLiteral("--set %1")
              .arg(quoted(QStringLiteral("%1=%2").arg(QString::fromStdString(pointer), shortText(value)))));
  words.append(QStringLiteral("-o FOLDER"));
  return words.join(QLatin1Char(' '));
}

}  // namespace moesim::gui
