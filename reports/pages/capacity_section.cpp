#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/pages/json_facts.hpp"
#include "reports/pages/search_tables.hpp"
#include "reports/pages/sections.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

constexpr std::array<const char*, 2> kSizes{"p50", "p90"};
constexpr std::array<const char*, 3> kCounts{"units", "gpus", "nodes"};

ReportRow size_row(const std::string& label, const std::string& key, const Json& fleet,
                   const std::string& path) {
  ReportRow row{{{label}}, 0, false, key};
  for (const char* size : kSizes) {
    const Json& sized =
        path.empty() ? member_of(fleet, size) : member_of(member_of(member_of(fleet, size), "pools"), path);
    for (const char* count : kCounts)
      row.cells.push_back(number_cell(number_at(sized, count), MetricUnit::count));
    row.cells.push_back(figure_cell(sized, "cost_usd_per_day"));
  }
  return row;
}

/// Every pool and all of them, at the p50 and p90 of the uncertainty.
ReportTable sizes_table(const std::string& name, const Json& fleet) {
  ReportTable table{name + " sizes", {{"pool"}}, {}};
  for (const char* size : kSizes) {
    for (const char* what : {"units", "GPUs", "nodes", "$ a day"})
      table.columns.push_back({fmt::format("{} {}", what, size), Align::right});
  }
  const Json& pools = value_at(fleet, "p90.pools");
  if (pools.is_object()) {
    for (const auto& [pool, size] : pools.items()) table.rows.push_back(size_row(pool, pool, fleet, pool));
  }
  if (member_of(fleet, "p90").is_object()) table.rows.push_back(size_row("all pools", "all", fleet, ""));
  return table;
}

ReportCell seconds_or_never(const Json& value) {
  if (!value.is_number()) return {"never", {}, Tone::bad};
  return number_cell(value.get<double>(), MetricUnit::seconds);
}

ReportTable targets_table(const std::string& name, const Json& fleet) {
  ReportTable table{name + " targets",
                    {{"target"},
                     {"limit", Align::right},
                     {"at the p90 size", Align::right},
                     {"slack", Align::right},
                     {"requests", Align::right},
                     {"that miss it", Align::right}},
                    {}};
  const Json& targets = member_of(fleet, "targets");
  if (!targets.is_array()) return table;
  for (const Json& target : targets) {
    ReportRow row{{{text_at(target, "figure") + " p" + plain_number(number_at(target, "percentile")).text}}};
    row.cells.push_back(seconds_or_never(member_of(target, "limit_s")));
    row.cells.push_back(seconds_or_never(member_of(target, "value_s")));
    row.cells.push_back(number_cell(number_at(target, "slack_fraction"), MetricUnit::fraction));
    for (const char* key : {"requests", "misses"})
      row.cells.push_back(number_cell(number_at(target, key), MetricUnit::count));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string margin_text(const Json& fleet) {
  const auto load = number_at(fleet, "margin.load");
  if (!load) return "";
  std::string text = fmt::format("The fleet holds {:.4g} times the traffic", *load);
  const auto breaking = number_at(fleet, "margin.breaking_load");
  if (!breaking) return text + " and more.";
  text += fmt::format(" (to {}).", metric_text(number_at(fleet, "margin.tolerance_fraction").value_or(0),
                                               MetricUnit::fraction));
  const Json& first = member_of(fleet, "breaks_first");
  if (!first.is_object()) return text;
  text += fmt::format(" At {:.4g} times it misses {} first, for want of {} in pool {}", *breaking,
                      text_at(first, "target"), text_at(first, "resource"), text_at(first, "pool"));
  for (const auto& [key, what] : {std::pair{"busy_fraction", "busy"},
                                  {"kv_used_max_fraction", "of the KV memory used"},
                                  {"batch_used_fraction", "of the places used"}}) {
    if (const auto share = number_at(first, key))
      text += fmt::format(", {} {}", metric_text(*share, MetricUnit::fraction), what);
  }
  return text + ".";
}

void add_fleet(const std::string& name, const Json& fleet, ReportSection& section) {
  if (!fleet.is_object()) return;
  section.add_text(fmt::format("The {} fleet: {}.", name, changes_text(member_of(fleet, "changes"))));
  section.add_table(sizes_table(name, fleet));
  section.add_table(targets_table(name, fleet));
  for (const char* key : {"cost_usd_per_million_output_tokens", "cost_usd_per_million_input_tokens"}) {
    if (const auto cost = number_at(fleet, key))
      section.add_text(fmt::format("{}: {}.", metric_label(key), metric_text(*cost, MetricUnit::dollars)));
  }
  if (std::string margin = margin_text(fleet); !margin.empty()) section.add_text(std::move(margin));
}

ReportTable variants_table(const Json& variants) {
  ReportTable table{"alternatives",
                    {{"alternative"},
                     {"GPUs p90", Align::right},
                     {"cheapest, $ a day", Align::right},
                     {"simulations", Align::right},
                     {"why not", Align::left}},
                    {}};
  if (!variants.is_array() || variants.size() < 2) return table;
  for (const Json& variant : variants) {
    table.rows.push_back({{code_cell(changes_text(member_of(variant, "changes"))),
                           figure_cell(variant, "smallest.gpus"),
                           figure_cell(variant, "cheapest.cost_usd_per_day"),
                           figure_cell(variant, "num_simulations"),
                           {text_at(variant, "invalid.what"), {}, Tone::bad}}});
  }
  return table;
}

/// Every simulated fleet with the stated inputs: GPUs are not in a trial, so units of all pools.
ReportTable trials_table(const Json& slo, const Json& variant) {
  ReportTable table{"trials " + changes_text(member_of(variant, "changes")),
                    {{"units"}, {"load", Align::right}, {"holds", Align::left}},
                    {},
                    "Every fleet tried, " + changes_text(member_of(variant, "changes"))};
  for (const Json& target : slo)
    table.columns.push_back(
        {text_at(target, "figure") + " p" + plain_number(number_at(target, "percentile")).text,
         Align::right});
  const Json& trials = member_of(variant, "trials");
  if (!trials.is_array()) return table;
  for (const Json& trial : trials) {
    const bool holds = member_of(trial, "holds") == Json(true);
    ReportRow row{{code_cell(changes_text(member_of(trial, "units"))),
                   plain_number(number_at(trial, "load")),
                   {holds ? "yes" : "no", {}, holds ? Tone::plain : Tone::bad}}};
    row.key = fmt::format("trial {}", table.rows.size() + 1);
    const Json& values = member_of(trial, "values_s");
    if (values.is_array()) {
      for (const Json& value : values) row.cells.push_back(seconds_or_never(value));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

void add_capacity(const ReportInput& input, ReportSection& section) {
  if (text_at(*input.document, "kind") != "capacity") return;
  const Json& summary = member_of(*input.document, "summary");
  add_fleet("smallest", member_of(summary, "smallest"), section);
  if (text_at(summary, "cheapest_is_smallest") == "true") {
    section.add_text("The cheapest fleet is the same.");
  } else {
    add_fleet("cheapest", member_of(summary, "cheapest"), section);
  }
  const Json& variants = member_of(summary, "variants");
  section.add_table(variants_table(variants));
  const double draws = number_at(summary, "num_draws").value_or(0);
  section.add_text(draws > 0 ? fmt::format("p50 and p90 are of {} draws of {} inputs.", draws,
                                           text_at(summary, "num_drawn_inputs"))
                             : "Every input is as stated, nothing was drawn: p50 and p90 are one size.");
  if (!variants.is_array()) return;
  for (const Json& variant : variants) section.add_table(trials_table(member_of(summary, "slo"), variant));
}

}  // namespace moesim
