#include "cli/pool_plan_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include <fmt/format.h>

#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

/// Pools that are shown, by name.
using Pools = std::vector<std::pair<std::string, const Json*>>;

Pools all_of(const Json& pools) {
  Pools shown;
  for (const auto& [name, pool] : pools.items()) shown.emplace_back(name, &pool);
  return shown;
}

TextTable table_of(const std::string& heading, const Pools& pools) {
  TextTable table{{{heading}}, {}};
  for (const auto& [name, unused] : pools) table.columns.push_back({name, Align::right});
  return table;
}

template <class Cell>
void add_row(TextTable& table, const std::string& label, const Pools& pools, const Cell& cell) {
  std::vector<std::string> row{label};
  for (const auto& [unused, pool] : pools) row.push_back(cell(*pool));
  table.rows.push_back(std::move(row));
}

std::string bytes_text(const Json& object, const char* key) {
  return metric_text(object.value(key, 0.0), MetricUnit::bytes);
}

/// Items that some pool has, in the order of first sight.
std::vector<std::string> item_names(const Pools& pools) {
  std::vector<std::string> names;
  for (const auto& [unused, pool] : pools) {
    for (const auto& [name, bytes] : pool->at("memory").at("items_B").items()) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string memory_table(const Pools& pools) {
  TextTable table = table_of("memory of a GPU", pools);
  for (const std::string& item : item_names(pools)) {
    add_row(table, metric_label(item), pools, [&](const Json& pool) {
      const Json& items = pool.at("memory").at("items_B");
      return items.contains(item) ? bytes_text(items, item.c_str()) : std::string();
    });
  }
  add_row(table, "capacity", pools,
          [](const Json& pool) { return bytes_text(pool.at("memory"), "capacity_B"); });
  add_row(table, "fits", pools, [](const Json& pool) {
    return std::string(pool.at("memory").value("fits", false) ? "yes" : "no");
  });
  return plain_text(table);
}

std::string unit_table(const Pools& pools) {
  TextTable table = table_of("pool", pools);
  for (const char* key : {"role", "cluster", "stack"})
    add_row(table, key, pools, [key](const Json& pool) { return pool.value(key, std::string()); });
  for (const char* key : {"units", "gpus_per_unit", "nodes_per_unit"}) {
    add_row(table, metric_label(key), pools,
            [key](const Json& pool) { return metric_text(pool.value(key, 0.0), MetricUnit::count); });
  }
  return plain_text(table);
}

std::string kv_table(const Pools& pools) {
  TextTable table = table_of("KV cache", pools);
  add_row(table, "bytes per token", pools,
          [](const Json& pool) { return bytes_text(pool.at("kv_cache"), "bytes_per_token_B"); });
  for (const char* key : {"block_tokens", "blocks_per_rank", "tokens_per_rank", "tokens_per_unit"}) {
    add_row(table, metric_label(key), pools, [key](const Json& pool) {
      return metric_text(pool.at("kv_cache").value(key, 0.0), MetricUnit::count);
    });
  }
  add_row(table, "sequences per rank, at most", pools, [](const Json& pool) {
    return metric_text(pool.value("max_batch_per_rank", 0.0), MetricUnit::count);
  });
  add_row(table, "sequences per rank, by memory", pools, [](const Json& pool) {
    if (!pool.contains("sequences_per_rank_by_memory")) return std::string("by lengths");
    return metric_text(pool["sequences_per_rank_by_memory"].get<double>(), MetricUnit::count);
  });
  return plain_text(table);
}

std::string group_table(const Pools& pools) {
  TextTable table{{{"process group of a unit"},
                   {"size", Align::right},
                   {"groups", Align::right},
                   {"nodes", Align::right},
                   {"per node", Align::right}},
                  {}};
  for (const auto& [pool, plan] : pools) {
    for (const auto& [name, group] : plan->at("process_groups").items()) {
      table.rows.push_back({fmt::format("{}, {}", pool, name), group.at("size").dump(),
                            group.at("groups").dump(), group.at("nodes").dump(),
                            group.at("members_per_node").dump()});
    }
  }
  return plain_text(table);
}

}  // namespace

std::string pool_plans_text(const Json& pools) {
  const Pools shown = all_of(pools);
  return unit_table(shown) + '\n' + memory_table(shown) + '\n' + kv_table(shown) + '\n' + group_table(shown);
}

std::string unfit_pools_text(const Json& pools) {
  Pools shown = all_of(pools);
  std::erase_if(shown, [](const auto& pool) { return pool.second->at("memory").value("fits", true); });
  return shown.empty() ? "" : memory_table(shown);
}

}  // namespace moesim::cli
