#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/training/training_inputs.hpp"

namespace moesim::test {

/// Random training steps over everything that is shipped: models, clusters with the calibration of their GPU,
/// stacks, layouts, schedules, recipes and routing. What a plan or a calibration refuses is passed over.
class RandomLayouts {
 public:
  explicit RandomLayouts(std::uint64_t seed);

  /// The next step that can be laid out.
  TrainingInputs next();
  /// How many were tried so far.
  [[nodiscard]] std::uint64_t num_tried() const { return try_; }

 private:
  double uniform(const char* what) const;
  template <class Choices>
  const auto& pick(const char* what, const Choices& choices) const;
  /// 1, 2, 4, ... up to `most`, each alike.
  int power_of_two(const char* what, int most) const;
  /// A power of two, mostly 1.
  int rare_power_of_two(const char* what, int most) const;
  TrainingScenario scenario(const ClusterSpec& cluster) const;
  ClusterSpec cluster() const;
  Layout layout(int num_gpus) const;

  std::uint64_t seed_;
  std::uint64_t try_ = 0;
  std::map<std::string, ModelSpec> models_;
  std::map<std::string, ClusterSpec> clusters_;
  std::map<std::string, CalibrationProfile> profiles_;
  std::map<std::string, Stack> stacks_;
};

}  // namespace moesim::test
