#pragma once

#include <QString>
#include <cstdint>
#include <optional>

#include "reports/pictures/span_timeline.hpp"
#include "sim/results/span_names.hpp"

namespace moesim::gui {

/// Names of phases, lanes and passes as readers see them: "attention forward".
QString phaseText(const SpanNames& names, std::uint8_t phase);
QString laneText(const SpanNames& names, std::uint8_t lane);
QString passText(const SpanNames& names, std::uint8_t pass);

/// Whose row it is: "rank 3", "rank 3 (GPU 24)"; "place 5" of requests in flight.
QString gpuText(const SpanNames& names, std::int32_t gpu, std::int32_t rank);
/// "micro-batch 3"; "request 3" where spans are those of requests.
QString microbatchText(const SpanNames& names, int microbatch);

/// The lane of computation; nothing where the result has none, as that of requests.
std::optional<std::uint8_t> computationLane(const SpanNames& names);

/// "12.5 ms"; four digits.
QString spanTimeText(double seconds);
/// What a span is, lines of plain text: phase, place, numbers, times and its share of `window_s`.
QString spanText(const SpanNames& names, const Span& span, double window_s);

}  // namespace moesim::gui
