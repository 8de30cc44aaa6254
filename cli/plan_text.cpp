#include "cli/plan_text.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include <fmt/format.h>

#include "cli/pool_plan_text.hpp"
#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

std::string heading(const Json& plan) {
  if (!plan.contains("schedule")) {
    return fmt::format("{} on {}\n", plan.value("model", ""), plan.value("cluster", ""));
  }
  return fmt::format("{} on {}, schedule {}, {} micro-batches\n", plan.value("model", ""),
                     plan.value("cluster", ""), plan.value("schedule", ""), plan.value("microbatches", 0));
}

std::string groups_text(const Json& groups) {
  TextTable table{{{"process group"},
                   {"size", Align::right},
                   {"groups", Align::right},
                   {"nodes", Align::right},
                   {"per node", Align::right}},
                  {}};
  for (const auto& [name, group] : groups.items()) {
    const auto count = [&group = group](const char* key) { return group.at(key).dump(); };
    table.rows.push_back({name, count("size"), count("groups"), count("nodes"), count("members_per_node")});
  }
  return plain_text(table);
}

std::string topology_text(const Json& topology, const std::string& cluster = {}) {
  return fmt::format("topology{} {}: {} GPUs, {} nodes, {} switches, {} cables between them\n",
                     cluster.empty() ? cluster : " of " + cluster, topology.value("kind", ""),
                     topology.value("gpus", 0), topology.value("nodes", 0), topology.value("switches", 0),
                     topology.value("switch_cables", 0));
}

/// A line for each key; lists of numbers are joined.
std::string placement_text(const Json& placement) {
  TextTable table{{{"placement"}, {""}}, {}};
  for (const auto& [key, value] : placement.items()) {
    const std::string text = value.is_array()
                                 ? fmt::format("{}", fmt::join(value.get<std::vector<int>>(), ", "))
                             : value.is_string() ? value.get<std::string>()
                                                 : value.dump();
    table.rows.push_back({metric_label(key), text});
  }
  return plain_text(table);
}

/// Every item that some rank holds, in the order of first sight.
std::vector<std::string> item_names(const Json& ranks) {
  std::vector<std::string> names;
  for (const Json& rank : ranks) {
    for (const auto& [name, unused] : rank.at("items_B").items()) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string stages_of(const Json& rank) {
  std::vector<int> stages = rank.at("stages").get<std::vector<int>>();
  return fmt::format("{}", fmt::join(stages, ","));
}

std::string gib(double bytes) {
  return fmt::format("{:.2f}", bytes / 0x1p30);
}

}  // namespace

std::string memory_text(const Json& memory) {
  const Json& ranks = memory.at("ranks");
  TextTable table{{{"GiB by pipeline rank"}}, {}};
  std::vector<std::string> stages{"stages"};
  std::vector<std::string> total{"total"};
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    table.columns.push_back({fmt::format("{}", rank), Align::right});
    stages.push_back(stages_of(ranks[rank]));
    total.push_back(gib(ranks[rank].at("total_B")));
  }
  table.rows.push_back(std::move(stages));
  for (const std::string& item : item_names(ranks)) {
    std::vector<std::string> row{metric_label(item)};
    for (const Json& rank : ranks) row.push_back(gib(rank.at("items_B").value(item, 0.0)));
    table.rows.push_back(std::move(row));
  }
  table.rows.push_back(std::move(total));
  return plain_text(table) + fmt::format("peak {} GiB on rank {}, reserve {} GiB, capacity {} GiB: {}\n",
                                         gib(memory.at("peak_B")), memory.at("peak_rank").dump(),
                                         gib(memory.at("reserve_B")), gib(memory.at("capacity_B")),
                                         memory.at("fits").get<bool>() ? "fits" : "does not fit");
}

std::string plan_text(const Json& plan) {
  std::string text;
  if (plan.contains("model")) text += heading(plan);
  if (plan.contains("topology")) text += topology_text(plan["topology"]);
  if (plan.contains("topologies")) {
    for (const auto& [cluster, topology] : plan["topologies"].items())
      text += topology_text(topology, cluster);
  }
  if (plan.contains("process_groups")) text += '\n' + groups_text(plan["process_groups"]);
  if (plan.contains("placement")) text += '\n' + placement_text(plan["placement"]);
  if (plan.contains("pools")) text += '\n' + pool_plans_text(plan["pools"]);
  if (plan.contains("memory")) text += '\n' + memory_text(plan["memory"]);
  if (plan.contains("warnings")) {
    for (const Json& warning : plan["warnings"]) text += "warning: " + warning.get<std::string>() + '\n';
  }
  return text;
}

}  // namespace moesim::cli
