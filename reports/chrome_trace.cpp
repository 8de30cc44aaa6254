#include "reports/chrome_trace.hpp"

#include <cmath>
#include <iterator>
#include <limits>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "sim/results/store.hpp"

namespace moesim {
namespace {

/// A JSON text in ASCII; bytes that are no UTF-8 become U+FFFD.
std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::int64_t nanoseconds(double seconds) {
  return std::llround(seconds * 1e9);
}

/// Nanoseconds as microseconds, without trailing zeros.
std::string microseconds_text(std::int64_t ns) {
  const std::int64_t rest = ns % 1000;
  const char* sign = ns < 0 ? "-" : "";
  std::string text = fmt::format("{}{}", sign, std::abs(ns / 1000));
  if (rest == 0) return text;
  text += fmt::format(".{:03}", std::abs(rest));
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace

ChromeTraceSink::ChromeTraceSink(std::ostream& out, SpanNames names) : out_(out), names_(std::move(names)) {
  out_ << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
}

void ChromeTraceSink::begin_event() {
  out_ << (is_first_ ? "\n" : ",\n");
  is_first_ = false;
}

void ChromeTraceSink::write_metadata(const Span& span, const char* what, const std::string& argument) {
  begin_event();
  out_ << fmt::format(R"({{"ph":"M","pid":{},"tid":{},"name":"{}","args":{{{}}}}})", span.gpu, span.lane,
                      what, argument);
}

void ChromeTraceSink::name_lane(const Span& span) {
  if (named_.emplace(span.gpu, -1).second) {
    const bool is_request = names_.lanes.size() == 1 && names_.lanes.front() == "request";
    const std::string gpu = span.gpu == span.rank ? "" : fmt::format(" (GPU {})", span.gpu);
    const std::string name =
        is_request ? fmt::format("place {} in flight", span.gpu) : fmt::format("rank {}{}", span.rank, gpu);
    write_metadata(span, "process_name", fmt::format(R"("name":"{}")", name));
    write_metadata(span, "process_sort_index",
                   fmt::format(R"("sort_index":{})", is_request ? span.gpu : span.rank));
  }
  const std::string name = quoted(name_or_index(names_.lanes, span.lane, "lane"));
  write_metadata(span, "thread_name", fmt::format(R"("name":{})", name));
  write_metadata(span, "thread_sort_index", fmt::format(R"("sort_index":{})", span.lane));
}

const std::string& ChromeTraceSink::event_names(std::uint8_t phase, std::uint8_t pass) {
  std::string& text = event_names_[{phase, pass}];
  if (text.empty()) {
    const std::string pass_name = quoted(name_or_index(names_.passes, pass, "pass"));
    text = fmt::format(R"("name":{},"cat":{},"args":{{"pass":{})",
                       quoted(name_or_index(names_.phases, phase, "phase")), pass_name, pass_name);
  }
  return text;
}

void ChromeTraceSink::add(const Span& span) {
  if (named_.emplace(span.gpu, span.lane).second) name_lane(span);
  const std::int64_t start = nanoseconds(span.start_s);
  const std::int64_t end = nanoseconds(span.end_s);
  begin_event();
  fmt::memory_buffer event;
  fmt::format_to(std::back_inserter(event),
                 R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},{},"microbatch":{})", span.gpu, span.lane,
                 microseconds_text(start), microseconds_text(end - start), event_names(span.phase, span.pass),
                 span.microbatch);
  if (span.layer >= 0) fmt::format_to(std::back_inserter(event), R"(,"layer":{})", span.layer);
  fmt::format_to(std::back_inserter(event), "}}}}");
  out_.write(event.data(), static_cast<std::streamsize>(event.size()));
}

void ChromeTraceSink::finish() {
  out_ << "\n]}\n";
}

void write_chrome_trace(const StoreReader& records, std::ostream& out) {
  ChromeTraceSink sink(out, read_span_names(records));
  records.for_each_span(sink);
  sink.finish();
}

}  // namespace moesim
