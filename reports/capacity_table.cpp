#include "reports/capacity_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/text_table.hpp"

namespace moesim {
namespace {

std::string number(const Json& value) {
  return fmt::format("{:.6g}", value.get<double>());
}

std::string seconds(const Json& value) {
  return value.is_null() ? "never" : fmt::format("{:.4g} s", value.get<double>());
}

std::vector<std::string> fleet_row(const std::string& name, const Json& p50, const Json& p90) {
  const auto units = [](const Json& fleet) { return fleet.contains("units") ? number(fleet["units"]) : ""; };
  return {name,
          units(p50),
          units(p90),
          number(p50.at("gpus")),
          number(p90.at("gpus")),
          number(p50.at("nodes")),
          number(p90.at("nodes"))};
}

std::string pools_text(const Json& fleet) {
  TextTable table{{{"pool"},
                   {"units p50", Align::right},
                   {"p90", Align::right},
                   {"GPUs p50", Align::right},
                   {"p90", Align::right},
                   {"nodes p50", Align::right},
                   {"p90", Align::right}},
                  {}};
  const Json& p50 = fleet.at("p50");
  const Json& p90 = fleet.at("p90");
  for (const auto& [name, pool] : p90.at("pools").items())
    table.rows.push_back(fleet_row(name, p50.at("pools").at(name), pool));
  table.rows.push_back(fleet_row("all", p50, p90));
  return plain_text(table);
}

std::string cost_text(const Json& fleet) {
  std::string text =
      fmt::format("cost at p90: {:.2f} $ a day", fleet["p90"]["cost_usd_per_day"].get<double>());
  for (const char* side : {"output", "input"}) {
    const auto found = fleet.find(fmt::format("cost_usd_per_million_{}_tokens", side));
    if (found != fleet.end())
      text += fmt::format(", {:.4g} $ per million {} tokens", found->get<double>(), side);
  }
  return text + "\n";
}

std::string targets_text(const Json& fleet) {
  TextTable table{
      {{"target"}, {"limit", Align::right}, {"at p90 size", Align::right}, {"slack", Align::right}}, {}};
  for (const Json& target : fleet.at("targets")) {
    const Json& slack = target["slack_fraction"];
    table.rows.push_back(
        {fmt::format("{} p{}", target["figure"].get<std::string>(), number(target["percentile"])),
         seconds(target["limit_s"]), seconds(target["value_s"]),
         slack.is_null() ? "" : fmt::format("{:.1f} %", 100 * slack.get<double>())});
  }
  return plain_text(table);
}

std::string margin_text(const Json& fleet) {
  const Json& margin = fleet.at("margin");
  const double load = margin["load"].get<double>();
  if (margin["breaking_load"].is_null())
    return fmt::format("margin: holds {:.4g} x the traffic and more\n", load);
  std::string text = fmt::format("margin: holds {:.4g} x the traffic (to {:.0f} %)\n", load,
                                 100 * margin["tolerance_fraction"].get<double>());
  const Json& first = fleet.at("breaks_first");
  if (first.is_null()) return text;
  return text + fmt::format(
                    "breaks first, at {:.4g} x: {} in pool {}: {} (busy {:.0f} %, KV memory {:.0f} %, "
                    "places {:.0f} %)\n",
                    first["load"].get<double>(), first["target"].get<std::string>(),
                    first["pool"].get<std::string>(), first["resource"].get<std::string>(),
                    100 * first["busy_fraction"].get<double>(),
                    100 * first["kv_used_max_fraction"].get<double>(),
                    100 * first["batch_used_fraction"].get<double>());
}

std::string changes_text(const Json& changes) {
  std::string text;
  for (const auto& [pointer, value] : changes.items())
    text += fmt::format("{}{}={}", text.empty() ? " with " : " ", pointer, value.dump());
  return text;
}

std::string fleet_text(const char* title, const Json& fleet) {
  return fmt::format("{}{}\n\n", title, changes_text(fleet.at("changes"))) + pools_text(fleet) + "\n" +
         targets_text(fleet) + "\n" + cost_text(fleet) + margin_text(fleet);
}

std::string variants_text(const Json& variants) {
  if (variants.size() < 2) return "";
  TextTable table{{{"alternative"}, {"GPUs p90", Align::right}, {"cheapest, $ a day", Align::right}, {""}},
                  {}};
  for (const Json& variant : variants) {
    std::string name = changes_text(variant["changes"]);
    name.erase(0, name.find('/'));
    if (variant.contains("invalid")) {
      table.rows.push_back({name, "", "", variant["invalid"]["what"]});
    } else {
      table.rows.push_back({name, number(variant["smallest"]["gpus"]),
                            fmt::format("{:.2f}", variant["cheapest"]["cost_usd_per_day"].get<double>()),
                            ""});
    }
  }
  return "\n" + plain_text(table);
}

}  // namespace

std::string capacity_table(const Json& document) {
  const Json& summary = document.at("summary");
  std::string text = fmt::format("{} on {}\n\n", document.at("model").get<std::string>(),
                                 document.at("cluster").at("name").get<std::string>());
  text += fleet_text("smallest fleet", summary.at("smallest"));
  if (summary["cheapest_is_smallest"].get<bool>()) {
    text += summary["one_price"].get<bool>() ? "\nThe cheapest fleet is the same: all GPUs have one price.\n"
                                             : "\nThe cheapest fleet is the same.\n";
  } else {
    text += "\n" + fleet_text("cheapest fleet", summary.at("cheapest"));
  }
  text += variants_text(summary.at("variants"));
  const auto draws = summary["num_draws"].get<int>();
  text += draws > 0
              ? fmt::format("\np50 and p90 of {} draws of {} inputs; {} simulations\n", draws,
                            summary["num_drawn_inputs"].get<int>(), summary["num_simulations"].get<int>())
              : fmt::format("\nevery input as stated, no draws; {} simulations\n",
                            summary["num_simulations"].get<int>());
  return text;
}

}  // namespace moesim
