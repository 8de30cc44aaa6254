#pragma once

#include <cstdint>

namespace moesim {

/// A request as a unit sees it.
struct SequenceWork {
  std::int64_t request = 0;  ///< id, passed through
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  /// 0 for a new request; 1 where the KV cache of the prompt comes from a prefill pool.
  std::int64_t generated_tokens = 0;
  std::int64_t cached_tokens = 0;  ///< of the prompt, which need no computation
  double load_s = 0;               ///< until those are in GPU memory; the prompt starts no earlier
  std::uint64_t draw = 0;          ///< index of its random numbers (accepted drafts)
};

enum class UnitEventKind : std::uint8_t {
  started,      ///< left the queue
  first_token,  ///< its prompt is done; a prefill unit is done with it
  completed,    ///< its last token
  preempted,    ///< lost its cache, waits again
  rejected,     ///< can never fit
};

struct UnitEvent {
  double time_s = 0;
  std::int64_t request = 0;
  UnitEventKind kind = UnitEventKind::started;
};

/// What a router and an autoscaler see of a unit.
struct UnitLoad {
  std::int64_t running = 0;         ///< sequences that decode
  std::int64_t waiting = 0;         ///< requests whose prompt is not done
  std::int64_t waiting_tokens = 0;  ///< new tokens of those still to compute
  std::int64_t running_tokens = 0;  ///< KV tokens of the former
  double kv_used_fraction = 0;
};

}  // namespace moesim
