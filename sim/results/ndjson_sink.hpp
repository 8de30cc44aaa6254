#pragma once

#include <iosfwd>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// Writes each span as one line: {"event": "record", "start_s": ..., "end_s": ..., "gpu": ..., ...}.
/// Numbers are written by their shortest text that reads back to the same bits.
class NdjsonSink final : public RecordSink {
 public:
  /// `out` must outlive the sink.
  explicit NdjsonSink(std::ostream& out) : out_(out) {}
  void add(const Span& span) override;

 private:
  std::ostream& out_;
};

}  // namespace moesim
