#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/record_sink.hpp"
#include "sim/training/layer_work.hpp"
#include "sim/training/step_graph.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim::test {

/// An MoE layer and a dense layer of DeepSeek-V3.
inline constexpr int kMoeLayer = 30;
inline constexpr int kDenseLayer = 0;

/// Parts of a step without any transfer or end: computation in a pipeline alone.
inline constexpr StepParts kComputation{
    .expert_transfers = false, .pipeline_transfers = false, .step_end = false};

/// The shipped DeepSeek-V3 scenario with changes, replayed unless a test asks for SimGrid. Setters can be
/// chained; files are read once per process.
class V3Step {
 public:
  static constexpr const char* kFile = "workloads/scenarios/deepseek-v3-pretrain-2048xh800.json";

  /// As shipped: 120 micro-batches a pipeline, routing 1.2, sigma 0.015, jitter 0.02.
  static V3Step shipped() { return {}; }
  /// 32 micro-batches, the least that DualPipe runs on 16 ranks.
  static V3Step shortest() { return V3Step().set("/recipe/global_batch", "4096"); }
  /// The shortest one with balanced routing on equal GPUs, nothing random and no slowest rank, and with the
  /// shipped assignment of layers whatever their times become.
  static V3Step plain() {
    return shortest().balanced().equal_gpus().set("/layout/stage_layers",
                                                  "[4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,1]");
  }

  /// One value of the scenario, as `--set POINTER=VALUE` does; keys below /cluster change the catalog's.
  V3Step& set(std::string_view pointer, std::string_view value);
  /// Layers assigned by the plan.
  V3Step& assigned_stages() { return set("/layout/stage_layers", "[]"); }
  V3Step& balanced() { return set("/routing", R"({"mode": "balanced"})"); }
  V3Step& equal_gpus() { return sigma(0).jitter(0); }
  V3Step& sigma(double value);
  V3Step& jitter(double value);
  /// For layouts that the real GPU cannot hold.
  V3Step& much_memory() { return set("/cluster/gpu_memory", "10 TB"); }
  /// A constant of the stack or of the profile, its interval and fallback set aside.
  V3Step& constant(const std::string& name, double value);
  /// A ratio that the shipped stack does not have.
  V3Step& add_ratio(const std::string& name, double value);
  V3Step& exclude(const std::string& source);
  V3Step& model(std::function<void(ModelSpec&)> change);
  V3Step& stack(const std::function<void(Stack&)>& change);
  V3Step& profile(const std::function<void(ProfileFile&)>& change);

  [[nodiscard]] double constant(const std::string& name) const;
  [[nodiscard]] TrainingScenario scenario() const;
  /// Throws what loading throws.
  [[nodiscard]] TrainingInputs inputs() const;
  /// Seconds of the whole step, or of parts of it, on representative GPUs.
  [[nodiscard]] double seconds(const StepParts& parts = {}) const;

 private:
  V3Step();

  std::string scenario_;  ///< JSON text
  Stack stack_;
  ProfileFile profile_;
  SourceSet excluded_;
  std::function<void(ModelSpec&)> change_model_;
};

/// Work of an MoE layer at the scenario's routing.
LayerWork moe_work(const TrainingInputs& inputs);

/// A replayed step of representative GPUs with the spans of all ranks.
struct Replayed {
  StepGraph step;
  EngineInput input;  ///< step.graph is where it points
  EngineResult result;
  std::vector<Span> spans;

  Replayed(const TrainingInputs& inputs, const StepParts& parts = {});
  Replayed(const Replayed&) = delete;
  Replayed& operator=(const Replayed&) = delete;

  /// The cost of a phase of a layer in a kind of pass. Throws std::out_of_range where there is none.
  [[nodiscard]] const OperationCost& cost(Phase phase, PassKind pass, int layer = kMoeLayer) const;
  /// Sum, and least, of the spans of a phase: of one layer, or of all with layer -2.
  [[nodiscard]] double phase_s(Phase phase, int layer = -2) const;
  [[nodiscard]] double least_s(Phase phase) const;
  /// Number of operations of a phase on all ranks.
  [[nodiscard]] int count(Phase phase) const;
};

}  // namespace moesim::test
