#pragma once

#include <QString>
#include <cstdint>
#include <optional>

#include "gui/models/run_document.hpp"
#include "reports/pictures/span_timeline.hpp"

namespace moesim::gui {

/// Names of phases, lanes and passes as readers see them: "attention forward".
QString phaseText(const SpanNames& names, std::uint8_t phase);
QString laneText(const SpanNames& names, std::uint8_t lane);
QString passText(const SpanNames& names, std::uint8_t pass);

/// Whether spans are phases of requests, not operations of GPUs.
bool isOfRequests(const SpanNames& names);

/// Whose row it is: "rank 3", "rank 3 (GPU 24)"; "request slot 5" of requests in flight, each of which has a
/// slot of its own while it lasts.
QString gpuText(const SpanNames& names, std::int32_t gpu, std::int32_t rank);
/// "micro-batch 3"; "request 3" where spans are those of requests.
QString microbatchText(const SpanNames& names, int microbatch);

/// What "idle (bubble)" of a range is, and what the bubble of a summary is instead.
QString bubbleText();

/// The lane of computation; nothing where the result has none, as that of requests.
std::optional<std::uint8_t> computationLane(const SpanNames& names);

/// "12.5 ms"; four digits.
QString spanTimeText(double seconds);
/// What a span is, lines of plain text: phase, place, numbers, times and its share of `window_s`. Of requests
/// with the unit that served it, and its pool where but one of the deployment does that phase.
QString spanText(const RunDocument& document, const Span& span, double window_s);

}  // namespace moesim::gui
