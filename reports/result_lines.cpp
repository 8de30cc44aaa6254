#include "reports/result_lines.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace moesim {
namespace {

/// A percentile of every figure, by its key.
using Percentiles = std::map<std::string, double, std::less<>>;

Percentiles percentiles_of(const Json& result, std::string_view key) {
  Percentiles all;
  const Json& tree = member_of(member_of(result, "uncertainty"), key);
  if (!tree.is_object()) return all;
  for (const SummaryRow& row : summary_rows(tree)) {
    if (row.is_number()) all.emplace(row.key, row.numbers[0]);
  }
  return all;
}

std::optional<double> value_at(const Percentiles& all, const SummaryRow& row) {
  const auto found = all.find(row.key);
  return row.is_number() && found != all.end() ? std::optional(found->second) : std::nullopt;
}

/// Published figures, each taken once its row of the summary is met.
class PublishedFigures {
 public:
  explicit PublishedFigures(const Json& result) {
    const Json& figures = member_of(member_of(result, "scenario"), "published");
    if (!figures.is_array()) return;
    for (const Json& figure : figures) {
      if (member_of(figure, "value").is_number()) open_.push_back(&figure);
    }
  }

  std::optional<PublishedValue> take(const SummaryRow& row, std::vector<std::string>& sources) {
    const auto found = std::ranges::find_if(
        open_, [&](const Json* figure) { return text_of(member_of(*figure, "key")) == row.key; });
    if (!row.is_number() || found == open_.end()) return {};
    PublishedValue value = value_of(**found, sources);
    if (value.value != 0) value.error = (row.numbers[0] - value.value) / value.value;
    open_.erase(found);
    return value;
  }

  /// Lines for the figures that the summary has no value for.
  void add_rest(ResultLines& all) const {
    for (const Json* figure : open_) {
      ResultLine line;
      line.row.key = line.row.label = text_of(member_of(*figure, "key"));
      line.row.unit = unit_of_key(line.row.key);
      line.is_simulated = false;
      line.published = value_of(*figure, all.sources);
      all.lines.push_back(std::move(line));
    }
  }

 private:
  static PublishedValue value_of(const Json& figure, std::vector<std::string>& sources) {
    PublishedValue value{member_of(figure, "value").get<double>()};
    const std::string source = text_of(member_of(figure, "source"));
    if (source.empty()) return value;
    const auto found = std::ranges::find(sources, source);
    value.source = static_cast<std::size_t>(found - sources.begin()) + 1;
    if (found == sources.end()) sources.push_back(source);
    return value;
  }

  std::vector<const Json*> open_;
};

std::string name_of(const Json& value) {
  return value.is_object() ? text_of(member_of(value, "name")) : text_of(value);
}

std::string count_of(const Json& object, std::string_view key) {
  const Json& value = member_of(object, key);
  return value.is_number() ? fmt::format("{} {}", metric_text(value.get<double>(), MetricUnit::count),
                                         key == "gpus" ? "GPUs" : "nodes")
                           : "";
}

}  // namespace

const Json& member_of(const Json& object, std::string_view key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(std::string(key));
  return found == object.end() ? kNothing : *found;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? std::string() : value.dump();
}

std::string result_heading(const Json& result) {
  std::string text = text_of(member_of(result, "kind"));
  const std::string model = name_of(member_of(result, "model"));
  const Json& cluster = member_of(result, "cluster");
  const std::string cluster_name = name_of(cluster);
  if (!model.empty()) text += (text.empty() ? "" : " of ") + model;
  if (!cluster_name.empty()) text += (text.empty() ? "" : " on ") + cluster_name;
  std::string size = count_of(cluster, "gpus");
  const std::string nodes = count_of(cluster, "nodes");
  if (!nodes.empty()) size += (size.empty() ? "" : ", ") + nodes;
  if (!size.empty()) text += fmt::format("{}({})", text.empty() ? "" : " ", size);
  return text;
}

const ResultLine* ResultLines::find(std::string_view key) const {
  const auto found = std::ranges::find_if(lines, [&](const ResultLine& line) { return line.row.key == key; });
  return found == lines.end() ? nullptr : &*found;
}

ResultLines result_lines(const Json& result) {
  ResultLines all;
  PublishedFigures published(result);
  const Percentiles p10 = percentiles_of(result, "p10");
  const Percentiles p50 = percentiles_of(result, "p50");
  const Percentiles p90 = percentiles_of(result, "p90");
  const Json& summary = member_of(result, "summary");
  if (summary.is_object()) {
    for (SummaryRow& row : summary_rows(summary)) {
      ResultLine line{{}, true, value_at(p10, row), value_at(p50, row), value_at(p90, row), {}};
      line.published = published.take(row, all.sources);
      line.row = std::move(row);
      all.lines.push_back(std::move(line));
    }
  }
  published.add_rest(all);
  return all;
}

}  // namespace moesim
