#include "reports/summary_table.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/summary_rows.hpp"
#include "reports/text_table.hpp"

namespace moesim {
namespace {

/// Parts of a result document that have their own place; others are listed below the summary.
constexpr std::array<std::string_view, 11> kPlacedKeys{"schema_version", "kind",     "scenario", "seed",
                                                       "moesim_version", "model",    "cluster",  "engine",
                                                       "provenance",     "warnings", "summary"};
/// Shown by its own table.
constexpr std::string_view kWaterfall = "waterfall";
/// Shown in columns of their own.
constexpr std::string_view kUncertainty = "uncertainty";

/// The member of an object; null where there is none.
const Json& part(const Json& object, std::string_view key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(std::string(key));
  return found == object.end() ? kNothing : *found;
}

/// `value` where it is an array, else an empty one.
const Json& array_of(const Json& value) {
  static const Json kEmpty = Json::array();
  return value.is_array() ? value : kEmpty;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? std::string() : value.dump();
}

/// The name of a model or cluster, which may be an object with a name.
std::string name_of(const Json& value) {
  return value.is_object() ? text_of(part(value, "name")) : text_of(value);
}

std::string count_of(const Json& object, std::string_view key, std::string_view what) {
  const Json& value = part(object, key);
  return value.is_number() ? fmt::format("{} {}", metric_text(value.get<double>(), MetricUnit::count), what)
                           : "";
}

void append(std::string& text, std::string_view separator, const std::string& more) {
  if (more.empty()) return;
  if (!text.empty()) text += separator;
  text += more;
}

std::string heading(const Json& result) {
  std::string text = text_of(part(result, "kind"));
  const std::string model = name_of(part(result, "model"));
  const Json& cluster = part(result, "cluster");
  const std::string cluster_name = name_of(cluster);
  if (!model.empty()) append(text, " of ", model);
  if (!cluster_name.empty()) append(text, " on ", cluster_name);
  std::string size = count_of(cluster, "gpus", "GPUs");
  append(size, ", ", count_of(cluster, "nodes", "nodes"));
  if (!size.empty()) append(text, " ", fmt::format("({})", size));
  return text;
}

/// Published figures, each taken once its row of the summary is met, and their sources in the order of use.
class PublishedFigures {
 public:
  explicit PublishedFigures(const Json& result) {
    for (const Json& figure : array_of(part(part(result, "scenario"), "published"))) {
      if (part(figure, "value").is_number()) open_.push_back(&figure);
    }
  }

  /// Cells "published", "error" and "source" of a row.
  std::vector<std::string> cells_of(const SummaryRow& row) {
    const auto found = std::ranges::find_if(
        open_, [&](const Json* figure) { return text_of(part(*figure, "key")) == row.key; });
    if (!row.is_number() || found == open_.end()) return {};
    std::vector<std::string> cells = cells_of(**found, row.unit);
    const double value = (*found)->at("value").get<double>();
    if (value != 0) cells[1] = signed_percent((row.numbers[0] - value) / value);
    open_.erase(found);
    return cells;
  }

  /// Rows for the figures that the summary has no value for.
  std::vector<std::vector<std::string>> rest() {
    std::vector<std::vector<std::string>> rows;
    for (const Json* figure : open_) {
      const std::string key = text_of(part(*figure, "key"));
      std::vector<std::string> row{key, "not simulated", "", ""};
      for (std::string& cell : cells_of(*figure, unit_of_key(key))) row.push_back(std::move(cell));
      rows.push_back(std::move(row));
    }
    return rows;
  }

  [[nodiscard]] const std::vector<std::string>& sources() const { return sources_; }

 private:
  std::vector<std::string> cells_of(const Json& figure, MetricUnit unit) {
    const std::string source = text_of(part(figure, "source"));
    std::string note;
    if (!source.empty()) {
      const auto found = std::ranges::find(sources_, source);
      const auto index = found - sources_.begin();
      if (found == sources_.end()) sources_.push_back(source);
      note = fmt::format("[{}]", index + 1);
    }
    return {metric_text(figure.at("value").get<double>(), unit), "", note};
  }

  std::vector<const Json*> open_;
  std::vector<std::string> sources_;
};

/// A percentile of every figure, by its key.
using Percentiles = std::map<std::string, double>;

/// Those under `key` of a result's uncertainty; empty without.
Percentiles percentiles_of(const Json& result, std::string_view key) {
  Percentiles all;
  const Json& tree = part(part(result, kUncertainty), key);
  if (!tree.is_object()) return all;
  for (const SummaryRow& row : summary_rows(tree)) {
    if (row.is_number()) all.emplace(row.key, row.numbers[0]);
  }
  return all;
}

std::string percentile_text(const Percentiles& all, const SummaryRow& row) {
  const auto found = all.find(row.key);
  return row.is_number() && found != all.end() ? metric_text(found->second, row.unit) : "";
}

void add_rows(const Json& object, const Json& result, PublishedFigures& published, TextTable& table) {
  const Percentiles p10 = percentiles_of(result, "p10");
  const Percentiles p90 = percentiles_of(result, "p90");
  for (const SummaryRow& row : summary_rows(object)) {
    const std::vector<std::string> lines = value_lines(row);
    std::vector<std::string> cells{std::string(2 * static_cast<std::size_t>(row.depth), ' ') + row.label,
                                   lines[0], percentile_text(p10, row), percentile_text(p90, row)};
    for (std::string& cell : published.cells_of(row)) cells.push_back(std::move(cell));
    table.rows.push_back(std::move(cells));
    for (std::size_t i = 1; i < lines.size(); ++i) table.rows.push_back({"", lines[i]});
  }
}

std::string engine_text(const Json& result) {
  const Json& engine = part(result, "engine");
  std::string text = name_of(engine);
  append(text, ", ", count_of(engine, "num_gpus", "GPUs simulated"));
  append(text, ", ", count_of(engine, "num_operations", "operations"));
  return text;
}

std::string provenance_text(const Json& result) {
  std::string text;
  const Json& shares = part(result, "provenance");
  if (!shares.is_object()) return text;
  for (const auto& [origin, share] : shares.items()) {
    if (share.is_number() && share.get<double>() != 0) {
      append(text, ", ",
             fmt::format("{} {}", metric_text(share.get<double>(), MetricUnit::fraction), origin));
    }
  }
  return text;
}

std::string run_text(const Json& result) {
  std::string text = text_of(part(result, "seed"));
  append(text, ", moesim ", text_of(part(result, "moesim_version")));
  return text;
}

std::string uncertainty_text(const Json& result) {
  const Json& uncertainty = part(result, kUncertainty);
  std::string text = count_of(uncertainty, "replays", "draws");
  append(text, " of ", count_of(uncertainty, "num_inputs", "uncertain inputs"));
  append(text, ", ", text_of(part(uncertainty, "engine")));
  return text;
}

/// Lines below the table, each with a title in front.
TextTable notes(const Json& result, const PublishedFigures& published) {
  TextTable table{{{""}, {""}}, {}};
  const auto add = [&](std::string title, std::string text) {
    if (!text.empty()) table.rows.push_back({std::move(title), std::move(text)});
  };
  add("engine", engine_text(result));
  add("time from", provenance_text(result));
  add("p10, p90", uncertainty_text(result));
  add("seed", run_text(result));
  for (std::size_t i = 0; i < published.sources().size(); ++i)
    add(fmt::format("[{}]", i + 1), published.sources()[i]);
  for (const Json& warning : array_of(part(result, "warnings"))) add("warning", text_of(warning));
  return table;
}

/// Parts of the document that this table does not know.
Json other_parts(const Json& result) {
  Json others = Json::object();
  for (const auto& [key, value] : result.items()) {
    if (std::ranges::find(kPlacedKeys, key) == kPlacedKeys.end() && key != kWaterfall && key != kUncertainty)
      others[key] = value;
  }
  return others;
}

}  // namespace

std::string summary_table(const Json& result) {
  PublishedFigures published(result);
  TextTable table{{{""},
                   {"simulated", Align::right},
                   {"p10", Align::right},
                   {"p90", Align::right},
                   {"published", Align::right},
                   {"error", Align::right},
                   {""}},
                  {}};
  const Json& summary = part(result, "summary");
  if (summary.is_object()) add_rows(summary, result, published, table);
  for (auto& row : published.rest()) table.rows.push_back(std::move(row));
  if (result.is_object()) add_rows(other_parts(result), {}, published, table);
  return heading(result) + "\n\n" + plain_text(table) + '\n' + plain_text(notes(result, published));
}

}  // namespace moesim
