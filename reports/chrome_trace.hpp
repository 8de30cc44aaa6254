#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "sim/results/record_sink.hpp"
#include "sim/results/span_names.hpp"

namespace moesim {

class StoreReader;

/// Writes spans as they come in the JSON object form of Chrome's trace event format, which Perfetto opens: a
/// process per GPU, named and sorted by its pipeline rank, a thread per lane, a complete event per span with
/// its layer, micro-batch and pass. Spans of requests (their lane is "request") have a process for each place
/// in flight. Times are microseconds, rounded to whole nanoseconds at both ends, so
/// spans that follow each other still do. The text is ASCII.
class ChromeTraceSink final : public RecordSink {
 public:
  /// `out` must outlive the sink; its write failures are its owner's to see.
  ChromeTraceSink(std::ostream& out, SpanNames names);
  /// Other names, before the first span.
  void set_names(SpanNames names) { names_ = std::move(names); }
  void add(const Span& span) override;
  /// Ends the document, once; without it the text is no JSON.
  void finish();

 private:
  void begin_event();
  void name_lane(const Span& span);
  void write_metadata(const Span& span, const char* what, const std::string& argument);
  /// The members of an event that its phase and pass decide.
  const std::string& event_names(std::uint8_t phase, std::uint8_t pass);

  std::ostream& out_;
  SpanNames names_;
  std::set<std::pair<std::int32_t, std::int32_t>> named_;  ///< GPU and lane; lane -1 for the GPU itself
  std::map<std::pair<std::uint8_t, std::uint8_t>, std::string> event_names_;
  bool is_first_ = true;
};

/// All spans of a record file as one trace.
void write_chrome_trace(const StoreReader& records, std::ostream& out);

}  // namespace moesim
