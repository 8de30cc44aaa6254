#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "sim/planner/space/axis.hpp"

namespace moesim {

/// One deployment of a space: what it changes in the scenario, or why there is none.
struct ServingPoint {
  std::uint64_t index = 0;
  std::vector<std::string> pointers;  ///< what is set, in the order of the axes, units last
  std::vector<Json> values;           ///< as many
  std::string reason;                 ///< why the point cannot be built; empty where it can
};

/// Deployments of a serving scenario as the product of axes. Beside JSON pointers into the scenario an axis
/// may name
///   /deployment/@ROLE/...  that place of every pool of the role prefill, decode or colocated,
///   /@prefill_share        the share of `gpus` that prefill pools are given (needs `gpus`),
/// and beside plain values
///   ep "gpus"              as many expert groups as the unit has GPUs,
///   redundant_experts "+N" as many that every expert group has N slots more than it needs (0 where ep is 1).
/// With `gpus`, units fill it: of prefill pools the nearest number to the share and at least one, of the pool
/// that generates as many as are left room for. Immutable, thread-safe.
class ServingSpace {
 public:
  /// `scenario` is complete. Throws SpecError for a role that no pool has (but where `lenient`, of a space
  /// for many scenarios: such axes are left out), an axis without values, and for `gpus` with several pools
  /// of a role.
  ServingSpace(const Json& scenario, std::string file, std::span<const Axis> axes, std::optional<int> gpus,
               bool lenient);

  /// Points of the product; the largest number where there are more than fit.
  [[nodiscard]] std::uint64_t num_points() const;
  /// Two points may come to the same deployment.
  [[nodiscard]] ServingPoint at(std::uint64_t index) const;
  /// The scenario with what the point sets, unchecked.
  [[nodiscard]] Json scenario_of(const ServingPoint& point) const;
  /// {pointer: [values]} of the axes in use.
  [[nodiscard]] Json axes_json() const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  struct PoolNames {
    std::string prefill, generating;  ///< empty: none
  };

  void set_layouts(Json& scenario, ServingPoint& point) const;
  void set_units(Json& scenario, double share, ServingPoint& point) const;
  [[nodiscard]] double own_share() const;

  std::vector<Axis> axes_;                          ///< as given, those in use
  std::vector<std::vector<std::string>> pointers_;  ///< of each axis, roles named
  std::vector<Json> base_;                          ///< one: the scenario
  std::string file_;
  std::optional<int> gpus_;
  PoolNames pools_;
  int num_experts_ = 0;  ///< of the scenario's model
};

}  // namespace moesim
