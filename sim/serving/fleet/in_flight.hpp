#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/serving/fleet/request_record.hpp"
#include "workloads/requests/request.hpp"

namespace moesim {

enum class RequestStage : std::uint8_t {
  none,         ///< the slot is free
  unrouted,     ///< waits for a unit that takes prompts
  prompt,       ///< in a prefill or colocated unit
  unsent,       ///< its prompt is done, no decode unit has room
  in_transfer,  ///< its KV cache is under way
  decode,       ///< in a decode unit
};

/// A request that has come and not gone.
struct InFlight {
  Request request;
  RequestRecord record;
  RequestStage stage = RequestStage::none;
  bool coming = false;    ///< counts in coming_tokens of its decode unit
  bool resident = false;  ///< was there at a warm start
  std::uint32_t attempt = 0;
  int prompt_unit = -1;
  int decode_unit = -1;
  double prompt_s = 0;          ///< what it adds to its unit's waiting_s
  std::int64_t new_tokens = 0;  ///< of the prompt, to compute
  double prompt_done_s = 0;
  double landed_s = 0;    ///< its KV cache in the decode unit
  double overhead_s = 0;  ///< what the user sees later than the unit
};

/// Requests in flight in slots that are used again: memory follows the most at one time.
class InFlightSlots {
 public:
  std::int64_t take() {
    ++used_;
    if (free_.empty()) {
      slots_.emplace_back();
      return static_cast<std::int64_t>(slots_.size()) - 1;
    }
    const std::int64_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  /// Timers that still name the slot are out of date from now on.
  void release(std::int64_t slot) {
    InFlight& gone = slots_[static_cast<std::size_t>(slot)];
    gone.stage = RequestStage::none;
    ++gone.attempt;
    free_.push_back(slot);
    --used_;
  }
  InFlight& operator[](std::int64_t slot) { return slots_[static_cast<std::size_t>(slot)]; }
  [[nodiscard]] std::int64_t used() const { return used_; }
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(slots_.size()); }

 private:
  std::vector<InFlight> slots_;
  std::vector<std::int64_t> free_;
  std::int64_t used_ = 0;
};

}  // namespace moesim
