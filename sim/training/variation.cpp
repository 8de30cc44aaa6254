#include "sim/training/variation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"
#include "sim/training/layer_pair.hpp"
#include "sim/training/number_walk.hpp"
#include "sim/training/routed_loads.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"

namespace moesim {
namespace {

/// A number with what changes it.
struct Variable {
  VariedInput input;
  std::function<void(double)> set;
};

/// A part of the inputs as a document whose numbers can be changed.
struct Part {
  Json document;
  bool changed = false;
};

/// Inputs taken apart, so that their numbers can be changed.
class Parts {
 public:
  explicit Parts(const TrainingInputs& inputs) : copy_(inputs), profile_file_(inputs.profile->file()) {
    // The entries in use, so that no draw makes another of two that time one point the better one.
    profile_file_.entries = inputs.profile->entries();
    std::erase_if(profile_file_.tables, [](const EntryTable& table) { return !is_gemm_grid(table); });
    add_constants(copy_.stack.constants, copy_.stack.name);
    add_constants(profile_file_.constants, profile_file_.name);
    add_entries();
    const ClusterSpec& cluster = copy_.cluster();
    add_numbers(cluster, "cluster", cluster.name, cluster_);
    add_numbers(copy_.recipe(), "recipe", "scenario", recipe_);
    RoutingChoice& routing = copy_.scenario.routing;
    if (routing.mode == RoutingMode::stated) add_numbers(routing, "routing", "scenario", routing_);
    if (routing.affinity) add_numbers(*routing.affinity, "routing.affinity", "scenario", affinity_);
    add_numbers(profile_file_.gpu, "gpu", profile_file_.name, gpu_);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }

  TrainingInputs finish() {
    read_back(cluster_, copy_.plan.input.cluster, "cluster");
    read_back(recipe_, copy_.plan.input.recipe, "recipe");
    read_back(routing_, copy_.scenario.routing, "routing");
    if (affinity_.changed) {
      read_back(affinity_, *copy_.scenario.routing.affinity, "routing.affinity");
      copy_.routed = simulate_routing(copy_, copy_.scenario.routing);
    }
    read_back(gpu_, profile_file_.gpu, "gpu");
    const SourceSet excluded = copy_.profile->excluded();
    copy_.profile = CalibrationProfile(std::move(profile_file_), excluded, copy_.profile->path());
    return std::move(copy_);
  }

 private:
  void add_constants(std::vector<Constant>& constants, const std::string& owner) {
    for (Constant& constant : constants) {
      const ResolvedConstant resolved = resolve(constant, copy_.profile->excluded(), owner);
      double* value = resolved.fallback ? &constant.fallback->value : &constant.value;
      const std::string provenance(enum_name(resolved.provenance));
      variables_.push_back({{constant.name, owner, constant.unit, provenance, "interval", true,
                             resolved.value, resolved.low, resolved.high},
                            [value](double changed) { *value = changed; }});
    }
  }

  /// What moves together: entries of one operator and format.
  struct Group {
    std::string provenance;
    std::size_t num_points = 0;
    std::vector<std::function<void(double)>> move;
  };

  void add_entries() {
    std::map<std::string, Group> groups;
    const auto group_of = [&](TimedOperator op, NumberFormat format, Provenance provenance) -> Group& {
      Group& group = groups[fmt::format("entries.{}.{}", enum_name(op), enum_name(format))];
      if (group.move.empty()) group.provenance = enum_name(provenance);
      return group;
    };
    for (Entry& entry : profile_file_.entries) {
      if (entry.p10 >= 1 && entry.p90 <= 1) continue;
      Group& group = group_of(entry.op, entry.format, entry.provenance);
      ++group.num_points;
      group.move.emplace_back([&entry, stated = entry](double share) { slow(stated, share, entry); });
    }
    for (EntryTable& table : profile_file_.tables) {
      if (!grid_of(table)->has_p90) continue;
      Group& group = group_of(table.op, table.format, table.provenance);
      group.num_points += entries_of(table).size();
      group.move.emplace_back([&table, stated = table.rows](double share) { slow(stated, share, table); });
    }
    for (auto& [name, group] : groups) {
      const auto set = [moves = group.move](double share) {
        for (const auto& move : moves) move(share);
      };
      variables_.push_back({{name, profile_file_.name, "of spread", group.provenance,
                             fmt::format("p10 to p90 of {} entries", group.num_points), true, 0, -1, 1},
                            set});
    }
  }

  /// Moves the times of a grid, which has no p10, towards the p90 of their rows.
  static void slow(const std::vector<std::vector<double>>& stated, double share, EntryTable& table) {
    const EntryGrid grid = *grid_of(table);
    const std::size_t first = grid.row_axes.size();
    for (std::size_t r = 0; r < stated.size(); ++r) {
      const double factor = 1 + std::max(share, 0.0) * (stated[r].back() - 1);
      for (std::size_t i = first; i < first + grid.values.size(); ++i)
        table.rows[r][i] = stated[r][i] * factor;
    }
  }

  /// Moves the time of an entry towards its p90 (share > 0) or its p10.
  static void slow(const Entry& stated, double share, Entry& entry) {
    const double factor =
        share > 0 ? 1 + share * (stated.p90 - 1) : 1 + share * (1 - std::min(stated.p10, 1.0));
    if (stated.time) entry.time = *stated.time * factor;
    if (stated.rate) entry.rate = *stated.rate / factor;
    if (stated.bandwidth) entry.bandwidth = *stated.bandwidth / factor;
  }

  template <class T>
  void add_numbers(const T& object, const std::string& prefix, const std::string& owner, Part& part) {
    part.document = write_spec(object);
    for (const SpecNumber& number :
         spec_numbers(description_of<T>(), part.document, prefix, owner, "stated")) {
      variables_.push_back({number.input, [&part, number](double changed) {
                              set_number(number, changed, part.document);
                              part.changed = true;
                            }});
    }
  }

  template <class T>
  static void read_back(const Part& part, T& object, const std::string& name) {
    if (part.changed) object = read_spec<T>(part.document, name);
  }

  TrainingInputs copy_;
  ProfileFile profile_file_;
  Part cluster_;
  Part recipe_;
  Part routing_;
  Part affinity_;
  Part gpu_;
  std::vector<Variable> variables_;  ///< refer to the members above
};

}  // namespace

std::vector<VariedInput> varied_inputs(const TrainingInputs& inputs) {
  const Parts parts(inputs);
  std::vector<VariedInput> all;
  for (const Variable& variable : parts.variables()) all.push_back(variable.input);
  return all;
}

TrainingInputs with_values(const TrainingInputs& inputs, const InputValues& values) {
  Parts parts(inputs);
  for (const auto& [index, value] : values) parts.variables().at(index).set(value);
  return parts.finish();
}

TrainingInputs at_interval_end(const TrainingInputs& inputs, std::string_view name, IntervalEnd end) {
  Parts parts(inputs);
  const auto found = std::ranges::find_if(
      parts.variables(), [&](const Variable& variable) { return variable.input.name == name; });
  if (found == parts.variables().end() || !found->input.stated) return inputs;
  found->set(end == IntervalEnd::low ? found->input.low : found->input.high);
  return parts.finish();
}

Json representative_summary(const TrainingInputs& inputs) {
  TrainingInputs representative = inputs;
  representative.scenario.gpus = GpuDetail::representative;
  representative.scenario.engine = EngineKind::replay;
  NullSink sink;
  return whole_summary(representative, *replay_step(representative, 1, sink));
}

}  // namespace moesim
