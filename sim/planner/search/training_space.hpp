#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "sim/planner/space/axis.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// The scenario's own layout, as the index of a point.
inline constexpr std::uint64_t kOwnPoint = ~std::uint64_t{0};

/// One layout of a space.
struct TrainingPoint {
  std::size_t base = 0;  ///< of what lies outside the layout
  Layout layout;         ///< keys that mean nothing in it at their defaults
  std::string text;      ///< the same for points that come to the same
};

/// Layouts of a training scenario as the product of axes: JSON pointers into the scenario. Beside lists a
/// value of /layout/stage_layers may be "even": the same number of layers in each stage, earlier ones one
/// more. Immutable, thread-safe.
class TrainingSpace {
 public:
  /// `scenario` is complete. Throws SpecError for axes that the schema does not know, more than kMostBases
  /// combinations outside /layout, and what loading them throws.
  TrainingSpace(Json scenario, std::string file, std::vector<Axis> axes, const SourceSet& excluded);
  ~TrainingSpace();

  /// Points of the product; the largest number where there are more than fit.
  [[nodiscard]] std::uint64_t num_points() const { return num_points_; }
  /// Throws SpecError for values that the schema refuses.
  [[nodiscard]] TrainingPoint at(std::uint64_t index) const;
  /// {pointer: value}; nothing of kOwnPoint.
  [[nodiscard]] Json changes(std::uint64_t index) const;
  /// The complete scenario of that point.
  [[nodiscard]] Json scenario_of(std::uint64_t index) const;
  /// Where the first violation but for memory is; empty for a layout that can be laid out.
  [[nodiscard]] std::string violation(const TrainingPoint& point) const;
  /// Everything of a step of representative GPUs, too large for memory or not. Throws PlanError and
  /// CalibrationError.
  [[nodiscard]] std::unique_ptr<TrainingInputs> inputs_of(const TrainingPoint& point) const;
  [[nodiscard]] Json axes_json() const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  struct Base;
  [[nodiscard]] std::size_t base_of(std::span<const std::size_t> point) const;
  void load_bases(const SourceSet& excluded);

  std::vector<Json> scenario_;  ///< one
  std::string file_;
  std::vector<Axis> axes_;
  std::vector<std::size_t> outer_;  ///< axes outside /layout
  std::uint64_t num_points_ = 0;
  std::vector<std::unique_ptr<Base>> bases_;  ///< [product of outer axes], and the scenario's own last
};

}  // namespace moesim
