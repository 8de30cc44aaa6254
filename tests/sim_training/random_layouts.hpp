#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/training/training_inputs.hpp"

namespace moesim::test {

/// Random training steps over everything that is shipped: models, clusters, stacks and calibrations, layouts,
/// schedules, recipes and routing. What a plan or a calibration refuses is passed over.
class RandomLayouts {
 public:
  explicit RandomLayouts(std::uint64_t seed) : seed_(seed) {}

  /// The next step that can be laid out.
  TrainingInputs next();
  /// How many were tried so far.
  [[nodiscard]] std::uint64_t num_tried() const { return try_; }

 private:
  double uniform(const char* what) const;
  template <class T>
  const T& pick(const char* what, const std::vector<T>& choices) const;
  /// 1, 2, 4, ... up to `most`, each alike.
  int power_of_two(const char* what, int most) const;
  /// A power of two, mostly 1.
  int rare_power_of_two(const char* what, int most) const;
  TrainingScenario scenario() const;
  const ModelSpec& model(const std::string& name);
  const CalibrationProfile& profile(const std::string& name);

  std::uint64_t seed_;
  std::uint64_t try_ = 0;
  std::map<std::string, ModelSpec> models_;
  std::map<std::string, CalibrationProfile> profiles_;
};

}  // namespace moesim::test
