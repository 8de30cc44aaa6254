#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/routing/layer_routing.hpp"
#include "sim/routing_run/routing_inputs.hpp"
#include "workloads/recorded_routing/expert_counts_csv.hpp"
#include "workloads/recorded_routing/expert_ids.hpp"

namespace moesim {

/// Recorded routing played back step by step: the choices of `batch.tokens` tokens after the other (ids), or
/// the counts of one recorded step after the other. Holds one step (a JSON file of counts whole).
class RecordedSteps {
 public:
  /// Opens what inputs.scenario.recorded names. Throws SpecError for a file that is no recording or of
  /// another model.
  explicit RecordedSteps(const RoutingInputs& inputs);

  /// Model layers of the recording, ascending.
  [[nodiscard]] const std::vector<int>& layers() const { return layers_; }
  /// Steps that it holds; nothing where only reading them all would tell.
  [[nodiscard]] std::optional<std::int64_t> num_steps() const;

  /// The next step. Throws SpecError at its end, for damaged data and for counts without tokens.
  void read_step();
  // Of the step read, by index into layers().
  [[nodiscard]] LayerStep layer_step(std::size_t index) const;
  /// [tokens, top_k]; empty for counts.
  [[nodiscard]] std::vector<std::uint16_t> choices(std::size_t index) const;

 private:
  void open_ids();
  void open_counts();
  void check_layers() const;
  void check_step() const;
  [[noreturn]] void end() const;
  [[nodiscard]] std::string place(int layer) const;

  const RoutingInputs& inputs_;
  std::string path_;
  std::vector<int> layers_;
  std::optional<ExpertIdsReader> ids_;
  std::vector<std::uint16_t> block_;  // [tokens, layers, top_k]
  std::optional<ExpertCountsCsv> csv_;
  std::optional<ExpertCounts> counts_;
  std::map<int, std::vector<std::int64_t>> step_;  // tokens of each expert by layer
  std::optional<ExpertCountsCsv::Step> ahead_;
  std::int64_t number_ = 0;  // of the step read, as counts number it
  std::size_t next_ = 0;
};

}  // namespace moesim
