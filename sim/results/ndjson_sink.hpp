#pragma once

#include <iosfwd>
#include <utility>

#include "sim/results/record_sink.hpp"
#include "sim/results/span_names.hpp"

namespace moesim {

/// Writes each span as one line: {"event": "record", "start_s": ..., "end_s": ..., "gpu": ..., ...}, phases,
/// lanes and passes by name; a load row as {"event": "record", "stream": ..., "step": ..., "layer": ...,
/// "tokens": [...]}; a part of a series as {"event": "record", "series": ..., "unit": ..., "time_s": [...],
/// "value": [...]}; a histogram as {"event": "record", "histogram": ..., "unit": ..., "edge": [...],
/// "weight": [...]}. Numbers are written by their shortest text that reads back to the same bits.
class NdjsonSink final : public RecordSink {
 public:
  /// `out` must outlive the sink.
  NdjsonSink(std::ostream& out, SpanNames names) : out_(out), names_(std::move(names)) {}
  void add(const Span& span) override;
  void add(std::string_view stream, const LoadRow& row) override;
  void add(const Series& part) override;
  void add(const Histogram& histogram) override;

 private:
  std::ostream& out_;
  SpanNames names_;
};

}  // namespace moesim
