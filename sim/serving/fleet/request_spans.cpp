#include "sim/serving/fleet/request_spans.hpp"

namespace moesim {

SpanNames request_span_names() {
  return {{"queue", "prompt", "transfer", "decode"}, {"request"}, {"serve"}};
}

void RequestSpans::add(const InFlight& request, std::int64_t slot, double now_s) {
  if (count_ >= kRequests || request.resident || request.record.rejected) return;
  ++count_;
  const RequestRecord& record = request.record;
  const bool prompted = record.prefill_unit >= 0;
  const bool moved = prompted && record.decode_unit >= 0 && record.decode_unit != record.prefill_unit;
  double from = record.arrival_s;
  if (prompted) {
    add(RequestPhase::queue, from, record.start_s, record.prefill_unit, request, slot);
    add(RequestPhase::prompt, record.start_s, request.prompt_done_s, record.prefill_unit, request, slot);
    from = request.prompt_done_s;
  }
  if (moved) {
    add(RequestPhase::transfer, from, request.landed_s, record.prefill_unit, request, slot);
    from = request.landed_s;
  }
  if (record.decode_unit >= 0) add(RequestPhase::decode, from, now_s, record.decode_unit, request, slot);
}

void RequestSpans::add(RequestPhase phase, double from_s, double to_s, int unit, const InFlight& request,
                       std::int64_t slot) {
  if (!(to_s > from_s)) return;
  Span span;
  span.start_s = from_s;
  span.end_s = to_s;
  span.gpu = static_cast<std::int32_t>(slot);
  span.rank = unit;
  span.microbatch = static_cast<std::uint16_t>(request.request.id & 0xffff);
  span.phase = static_cast<std::uint8_t>(phase);
  sink_.add(span);
}

}  // namespace moesim
