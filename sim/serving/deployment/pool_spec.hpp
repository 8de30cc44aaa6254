#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/quantity.hpp"
#include "base/spec.hpp"
#include "models/number_format.hpp"
#include "sim/serving/deployment/unit_layout.hpp"

namespace moesim {

/// What the units of a pool do.
enum class PoolRole : std::uint8_t {
  colocated,  ///< prompts and generation in one unit
  prefill,    ///< prompts up to the first token, then the KV cache moves to a decode pool
  decode,     ///< generation from the second token on
};
template <>
struct EnumNames<PoolRole> {
  static constexpr std::array<std::pair<PoolRole, std::string_view>, 3> table{
      {{PoolRole::colocated, "colocated"}, {PoolRole::prefill, "prefill"}, {PoolRole::decode, "decode"}}};
};

/// What becomes of a request whose unit has no KV block left.
enum class Preemption : std::uint8_t {
  recompute,  ///< its cache is dropped and computed again
  swap,       ///< its cache goes to host memory over PCIe and comes back
};
template <>
struct EnumNames<Preemption> {
  static constexpr std::array<std::pair<Preemption, std::string_view>, 2> table{
      {{Preemption::recompute, "recompute"}, {Preemption::swap, "swap"}}};
};

/// Which attention rank of a unit takes a request.
enum class RankChoice : std::uint8_t { round_robin, fewest_sequences, fewest_tokens };
template <>
struct EnumNames<RankChoice> {
  static constexpr std::array<std::pair<RankChoice, std::string_view>, 3> table{
      {{RankChoice::round_robin, "round_robin"},
       {RankChoice::fewest_sequences, "fewest_sequences"},
       {RankChoice::fewest_tokens, "fewest_tokens"}}};
};

/// How iterations are filled. Counts are of one attention rank.
struct BatchingSpec {
  std::int64_t max_batch = 256;      ///< sequences that decode
  std::int64_t token_budget = 8192;  ///< new tokens of an iteration: decoding ones and prompt chunks
  bool chunked_prefill = true;       ///< prompts are cut to the budget; else each is computed whole
  bool prefill_first = true;         ///< waiting prompts go before decoding, which pauses; else both share
  Preemption preemption = Preemption::recompute;
  RankChoice rank_choice = RankChoice::fewest_tokens;
};
const Spec<BatchingSpec>& spec_of(const BatchingSpec*);

/// Where KV caches of prompts are kept for later requests with the same prefix.
struct PrefixCacheSpec {
  bool gpu = false;  ///< in free KV blocks, least recently used ones evicted
  Bytes host{};      ///< of one node's memory; 0: none
  Bytes disk{};      ///< shared by the fleet; 0: none
  std::int64_t block_tokens = 64;
  BytesPerSecond pcie{};         ///< host to GPU, of one GPU; 0: 50 GB/s (assumed)
  BytesPerSecond storage_nic{};  ///< of one node; 0: 50 GB/s (assumed: 400 Gb/s)
};
const Spec<PrefixCacheSpec>& spec_of(const PrefixCacheSpec*);

/// Speculation with a chain of drafts from multi-token-prediction modules.
struct SpeculationSpec {
  int drafts = 0;
  /// Chance that draft i is accepted where all before it were, [drafts]; one value stands for all.
  std::vector<double> acceptance;
};
const Spec<SpeculationSpec>& spec_of(const SpeculationSpec*);

/// How many units a pool has as time goes by.
enum class ScalingPolicy : std::uint8_t { fixed, schedule, target };
template <>
struct EnumNames<ScalingPolicy> {
  static constexpr std::array<std::pair<ScalingPolicy, std::string_view>, 3> table{
      {{ScalingPolicy::fixed, "fixed"},
       {ScalingPolicy::schedule, "schedule"},
       {ScalingPolicy::target, "target"}}};
};

struct ScheduledUnits {
  Seconds from{};  ///< time of day
  int units = 1;
};
const Spec<ScheduledUnits>& spec_of(const ScheduledUnits*);

/// The fewest whole units with which what is asked for holds, looked at every `interval`.
struct ScalingSpec {
  ScalingPolicy policy = ScalingPolicy::fixed;
  std::vector<ScheduledUnits> schedule;
  std::optional<double> tokens_per_s_per_user;  ///< decode: at least
  std::optional<Seconds> ttft;                  ///< prefill: mean at most
  std::optional<double> utilisation;            ///< busy share of units at most, the rest is headroom
  int min_units = 1;
  int max_units = 1000000;
  Seconds interval{300.0};
  Seconds start_up{120.0};  ///< from the decision until a unit serves, its nodes allotted (assumed)
};
const Spec<ScalingSpec>& spec_of(const ScalingSpec*);

/// Units of one kind.
struct PoolSpec {
  PoolRole role = PoolRole::colocated;
  int units = 1;  ///< at the start; fixed without scaling
  UnitLayout layout;
  // What the pool runs on, where it differs from the scenario's.
  RawJson cluster;  ///< absent: the scenario's
  std::string calibration;
  std::string stack;
  NumberFormat precision = NumberFormat::fp8;  ///< of linear layers: bf16, fp8, ...
  NumberFormat kv_format = NumberFormat::bf16;
  BatchingSpec batching;
  PrefixCacheSpec prefix_cache;
  SpeculationSpec speculation;
  ScalingSpec scaling;
  double kernel_slowdown = 1;               ///< on the time of every kernel
  std::optional<std::int64_t> kv_tokens;    ///< of one attention rank, instead of what memory leaves
  std::optional<std::int64_t> max_context;  ///< absent: the model's
  std::optional<bool> two_micro_batches;    ///< overlap; absent: as the stack does
};
const Spec<PoolSpec>& spec_of(const PoolSpec*);

}  // namespace moesim
