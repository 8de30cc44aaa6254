#pragma once

#include <cstdint>

#include "sim/results/record_sink.hpp"
#include "sim/results/span_names.hpp"
#include "sim/serving/fleet/in_flight.hpp"

namespace moesim {

/// What a request does, in Span::phase.
enum class RequestPhase : std::uint8_t { queue, prompt, transfer, decode };

/// Names of the numbers in the spans of requests.
SpanNames request_span_names();

/// The phases of the first requests of a run, for a trace: one row (Span::gpu) for each place in flight, used
/// again when its request is gone; Span::rank is the unit, Span::microbatch the low bits of the request's id.
class RequestSpans {
 public:
  static constexpr std::int64_t kRequests = 2000;

  explicit RequestSpans(RecordSink& sink) : sink_(sink) {}
  /// A request that is done at `now_s`, in the time of the units.
  void add(const InFlight& request, std::int64_t slot, double now_s);

 private:
  void add(RequestPhase phase, double from_s, double to_s, int unit, const InFlight& request,
           std::int64_t slot);

  RecordSink& sink_;
  std::int64_t count_ = 0;
};

}  // namespace moesim
