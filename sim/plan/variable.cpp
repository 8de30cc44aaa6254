#include "sim/plan/variable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {
namespace {

/// What moves together: entries of one operator and format.
struct Group {
  std::string provenance;
  std::size_t num_points = 0;
  std::vector<std::function<void(double)>> move;
};
using Groups = std::map<std::string, Group>;

Group& group_of(TimedOperator op, NumberFormat format, Provenance provenance, Groups& groups) {
  Group& group = groups[fmt::format("entries.{}.{}", enum_name(op), enum_name(format))];
  if (group.move.empty()) group.provenance = enum_name(provenance);
  return group;
}

/// Moves the times of a grid, which has no p10, towards the p90 of their rows.
void slow(const std::vector<std::vector<double>>& stated, double share, EntryTable& table) {
  const EntryGrid grid = *grid_of(table);
  const std::size_t first = grid.row_axes.size();
  for (std::size_t r = 0; r < stated.size(); ++r) {
    const double factor = 1 + std::max(share, 0.0) * (stated[r].back() - 1);
    for (std::size_t i = first; i < first + grid.values.size(); ++i) table.rows[r][i] = stated[r][i] * factor;
  }
}

/// Moves the time of an entry towards its p90 (share > 0) or its p10.
void slow(const Entry& stated, double share, Entry& entry) {
  const double factor =
      share > 0 ? 1 + share * (stated.p90 - 1) : 1 + share * (1 - std::min(stated.p10, 1.0));
  if (stated.time) entry.time = *stated.time * factor;
  if (stated.rate) entry.rate = *stated.rate / factor;
  if (stated.bandwidth) entry.bandwidth = *stated.bandwidth / factor;
}

Groups groups_of(ProfileFile& file) {
  Groups groups;
  for (Entry& entry : file.entries) {
    if (entry.p10 >= 1 && entry.p90 <= 1) continue;
    Group& group = group_of(entry.op, entry.format, entry.provenance, groups);
    ++group.num_points;
    group.move.emplace_back([&entry, stated = entry](double share) { slow(stated, share, entry); });
  }
  for (EntryTable& table : file.tables) {
    if (!grid_of(table)->has_p90) continue;
    Group& group = group_of(table.op, table.format, table.provenance, groups);
    group.num_points += entries_of(table).size();
    group.move.emplace_back([&table, stated = table.rows](double share) { slow(stated, share, table); });
  }
  return groups;
}

}  // namespace

std::vector<VariedInput> inputs_of(const std::vector<Variable>& variables) {
  std::vector<VariedInput> all;
  for (const Variable& variable : variables) all.push_back(variable.input);
  return all;
}

void set_values(const std::vector<Variable>& variables, const InputValues& values) {
  for (const auto& [index, value] : values) variables.at(index).set(value);
}

ProfileFile varied_file(const CalibrationProfile& profile) {
  ProfileFile file = profile.file();
  file.entries = profile.entries();
  std::erase_if(file.tables, [](const EntryTable& table) { return !is_gemm_grid(table); });
  return file;
}

void add_constants(std::vector<Constant>& constants, const SourceSet& excluded, const std::string& owner,
                   std::vector<Variable>& variables) {
  for (Constant& constant : constants) {
    const ResolvedConstant resolved = resolve(constant, excluded, owner);
    double* value = resolved.fallback ? &constant.fallback->value : &constant.value;
    const std::string provenance(enum_name(resolved.provenance));
    variables.push_back({{constant.name, owner, constant.unit, provenance, "interval", true, resolved.value,
                          resolved.low, resolved.high},
                         [value](double changed) { *value = changed; }});
  }
}

void add_entries(ProfileFile& file, std::vector<Variable>& variables) {
  for (auto& [name, group] : groups_of(file)) {
    const auto set = [moves = group.move](double share) {
      for (const auto& move : moves) move(share);
    };
    variables.push_back({{name, file.name, "of spread", group.provenance,
                          fmt::format("p10 to p90 of {} entries", group.num_points), true, 0, -1, 1},
                         set});
  }
}

}  // namespace moesim
