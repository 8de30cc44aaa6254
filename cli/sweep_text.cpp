#include "cli/sweep_text.hpp"

#include <algorithm>
#include <ostream>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/csv.hpp"
#include "reports/metric.hpp"
#include "reports/text_table.hpp"
#include "sim/results/sweep_reader.hpp"
#include "sim/runner/summary_metric.hpp"

namespace moesim::cli {
namespace {

std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Names in the order of their first coming.
class Columns {
 public:
  void add(const std::string& name) {
    if (known_.insert(name).second) names_.push_back(name);
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_set<std::string> known_;
};

Json summary_of(const SweepCase& one) {
  if (one.state != SweepCaseState::done) return Json::object();
  return member(parse_json(one.result, "result"), "summary");
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string sweep_text(const Json& document, const std::string& file) {
  const auto figure = document["figure"].get<std::string>();
  std::string text =
      fmt::format("{}: {} of {} cases done, {} failed\n", file, document["done"].get<std::int64_t>(),
                  document["cases"].get<std::int64_t>(), document["failed"].get<std::int64_t>());
  TextTable best{{{"rank", Align::right}, {figure, Align::right}, {"case", Align::left}}, {}};
  for (const Json& row : document["best"]) {
    best.rows.push_back({row["rank"].dump(), metric_text(row["value"].get<double>(), unit_of_key(figure)),
                         row["name"].get<std::string>()});
  }
  if (!best.rows.empty()) text += "\n" + plain_text(best);
  if (document["failures"].empty()) return text;
  TextTable failed{{{"failed", Align::left}, {"error", Align::left}}, {}};
  for (const Json& row : document["failures"]) {
    failed.rows.push_back({row["name"].get<std::string>(), first_line(row["message"].get<std::string>())});
  }
  text += "\n" + plain_text(failed);
  const auto more = document["failed"].get<std::size_t>() - document["failures"].size();
  if (more > 0) text += fmt::format("and {} more\n", more);
  return text;
}

void write_sweep_csv(const SweepReader& sweep, std::ostream& out) {
  Columns places;
  Columns figures;
  sweep.for_each_case([&](const SweepCase& one) {
    const Json changes = parse_json(one.changes, "changes");
    for (const auto& [pointer, unused] : changes.items()) places.add(pointer);
    const Json summary = summary_of(one);
    for (const auto& [key, value] : summary.items()) {
      if (value.is_number()) figures.add(key);
    }
  });
  out << "index,name,state,exit_code,message";
  for (const std::string& pointer : places.names()) out << ',' << csv_field(pointer);
  for (const std::string& key : figures.names()) out << ',' << csv_field(key);
  out << "\r\n";
  sweep.for_each_case([&](const SweepCase& one) {
    const Json changes = parse_json(one.changes, "changes");
    const Json summary = summary_of(one);
    out << one.index << ',' << csv_field(one.name) << ','
        << (one.state == SweepCaseState::done ? "done" : "failed") << ',' << one.exit_code << ','
        << csv_field(one.message);
    for (const std::string& pointer : places.names())
      out << ',' << csv_field(text_of(member(changes, pointer)));
    for (const std::string& key : figures.names()) out << ',' << csv_field(text_of(member(summary, key)));
    out << "\r\n";
  });
}

}  // namespace moesim::cli
