#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// Who has a capacity and how large it is, for T tokens that each choose K of E experts on D devices.
enum class CapacityRule : std::uint8_t {
  expert,        ///< Megatron-Core: ceil(T K / E x factor) rows an expert
  switch_top1,   ///< Switch Transformer (Fedus et al. 2021): floor(T / E x factor)
  gshard_top2,   ///< GShard (Lepikhin et al. 2020): floor(2 T / E x factor); T is one group
  device_budget  ///< DeepSeek-V2: floor(T K / D x factor) rows a device
};

template <>
struct EnumNames<CapacityRule> {
  static constexpr std::array<std::pair<CapacityRule, std::string_view>, 4> table{
      {{CapacityRule::expert, "expert"},
       {CapacityRule::switch_top1, "switch"},
       {CapacityRule::gshard_top2, "gshard"},
       {CapacityRule::device_budget, "device_budget"}}};
};

/// Which choices go where there are more than the capacity.
enum class DropOrder : std::uint8_t {
  position,    ///< the last tokens; gshard: every first choice comes before any second one
  probability  ///< the lowest weights, the last token of equal ones
};

template <>
struct EnumNames<DropOrder> {
  static constexpr std::array<std::pair<DropOrder, std::string_view>, 2> table{
      {{DropOrder::position, "position"}, {DropOrder::probability, "probability"}}};
};

/// How much an expert or a device takes and what happens to the rest. A dropped choice is skipped: the
/// residual connection alone carries the token past that expert.
struct CapacitySpec {
  CapacityRule rule = CapacityRule::expert;
  double factor = 1;              ///< of the mean load
  std::optional<DropOrder> drop;  ///< absent: by position, the device budget by probability
  bool padded = false;            ///< every expert computes its capacity, full or not
  double protected_fraction =
      0;                    ///< of the sequences, whose tokens are never dropped (DeepSeek-V2: about 0.1)
  bool evaluation = false;  ///< DeepSeek-V2 drops nothing at evaluation

  [[nodiscard]] DropOrder drop_order() const;
};
const Spec<CapacitySpec>& spec_of(const CapacitySpec*);

/// A rule that is not of this gate (switch needs top-1, gshard top-2), relative to the capacity's object.
std::optional<SpecIssue> capacity_issue(const CapacitySpec& spec, int top_k);

/// What a capacity applies to: all tokens of one batch, group or rank that share it.
struct CapacityInput {
  int num_experts = 1;
  int num_devices = 1;  ///< of the device budget, experts in equal contiguous blocks
  int top_k = 1;
  std::span<const std::uint16_t>
      experts;                     ///< [num_tokens, top_k], best first; kNoExpert of gate.hpp: not used
  std::span<const float> weights;  ///< [num_tokens, top_k]; may be empty where drops go by position
  std::span<const std::uint8_t> is_protected;  ///< [num_tokens], not 0: never dropped; empty: none

  [[nodiscard]] std::int64_t num_tokens() const;
};

/// What is left. Kept + dropped = chosen.
struct CapacityResult {
  std::int64_t capacity = 0;        ///< rows an expert or a device takes
  std::int64_t chosen = 0;          ///< choices in use
  std::int64_t dropped = 0;         ///< of them
  std::vector<std::uint8_t> kept;   ///< [num_tokens, top_k], 1: computed, 0: dropped or not used
  std::vector<std::uint32_t> rows;  ///< [num_experts] kept rows
  /// [num_experts] rows that are computed: the kept ones or, padded, the capacity
  std::vector<std::uint32_t> computed_rows;

  [[nodiscard]] double dropped_fraction() const;
};

/// Rows that an expert (device_budget: a device) takes of `num_tokens` tokens. Computed as (T K / E) x factor
/// in doubles, as the implementations do.
std::int64_t capacity_of(const CapacitySpec& spec, const CapacityInput& input);

/// Drops what is above the capacity. Protected tokens are kept even where they alone exceed it. `out` is
/// overwritten, its memory reused. Cost: linear in tokens x top_k (a partial selection where drops go by
/// probability). Throws std::invalid_argument for sizes that do not agree, experts out of range, a
/// capacity_issue and weights that are no numbers.
void apply_capacity(const CapacitySpec& spec, const CapacityInput& input, CapacityResult& out);

/// [num_tokens] 1 for the tokens of protected sequences: each sequence of `tokens_per_sequence` tokens is
/// drawn with probability `fraction`, by (seed, number of the sequence) alone. `first_token` is the number of
/// the first token in the run, so that it may begin within a sequence.
std::vector<std::uint8_t> protected_tokens(std::uint64_t seed, std::int64_t first_token,
                                           std::size_t num_tokens, std::int64_t tokens_per_sequence,
                                           double fraction);

}  // namespace moesim
