#include "reports/chrome_trace.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "sim/results/store.hpp"

namespace moesim {
namespace {

const SpanNames kNames{
    {"attention_forward", "dispatch_forward"}, {"computation", "communication"}, {"forward", "backward"}};

Span span_of(double start_s, double end_s, int rank, int lane) {
  Span span;
  span.start_s = start_s;
  span.end_s = end_s;
  span.gpu = rank;
  span.rank = rank;
  span.lane = static_cast<std::uint8_t>(lane);
  span.phase = static_cast<std::uint8_t>(lane);
  return span;
}

TEST(ChromeTrace, NamesEachLaneOnceAndWritesExactTimes) {
  std::ostringstream out;
  ChromeTraceSink sink(out, kNames);
  Span first = span_of(0, 1.5e-6, 0, 0);
  first.layer = 3;
  first.microbatch = 7;
  sink.add(first);
  sink.add(span_of(1.5e-6, 2.001e-3, 0, 0));
  Span other = span_of(0.1, 0.3, 1, 1);
  other.gpu = 64;
  other.pass = 1;
  sink.add(other);
  sink.finish();
  EXPECT_EQ(out.str(), R"trace({"displayTimeUnit":"ms","traceEvents":[
{"ph":"M","pid":0,"tid":0,"name":"process_name","args":{"name":"rank 0"}},
{"ph":"M","pid":0,"tid":0,"name":"process_sort_index","args":{"sort_index":0}},
{"ph":"M","pid":0,"tid":0,"name":"thread_name","args":{"name":"computation"}},
{"ph":"M","pid":0,"tid":0,"name":"thread_sort_index","args":{"sort_index":0}},
{"ph":"X","pid":0,"tid":0,"ts":0,"dur":1.5,"name":"attention_forward","cat":"forward","args":{"pass":"forward","microbatch":7,"layer":3}},
{"ph":"X","pid":0,"tid":0,"ts":1.5,"dur":1999.5,"name":"attention_forward","cat":"forward","args":{"pass":"forward","microbatch":0}},
{"ph":"M","pid":64,"tid":1,"name":"process_name","args":{"name":"rank 1 (GPU 64)"}},
{"ph":"M","pid":64,"tid":1,"name":"process_sort_index","args":{"sort_index":1}},
{"ph":"M","pid":64,"tid":1,"name":"thread_name","args":{"name":"communication"}},
{"ph":"M","pid":64,"tid":1,"name":"thread_sort_index","args":{"sort_index":1}},
{"ph":"X","pid":64,"tid":1,"ts":100000,"dur":200000,"name":"dispatch_forward","cat":"backward","args":{"pass":"backward","microbatch":0}}
]}
)trace");
}

TEST(ChromeTrace, AnEmptyTraceIsJson) {
  std::ostringstream out;
  ChromeTraceSink(out, {}).finish();
  EXPECT_TRUE(Json::parse(out.str())["traceEvents"].empty());
}

TEST(ChromeTrace, NamesAreEscapedToAscii) {
  std::ostringstream out;
  ChromeTraceSink sink(out, {{"a\"b\\\n µ \xF0\x9F\x98\x80 \xFF"}, {}, {}});
  sink.add(span_of(0, 1, 0, 0));
  sink.finish();
  for (const char c : out.str()) EXPECT_LT(static_cast<unsigned char>(c), 128);
  const Json last = Json::parse(out.str())["traceEvents"].back();
  EXPECT_EQ(last["name"], "a\"b\\\n µ \xF0\x9F\x98\x80 \xEF\xBF\xBD");
  EXPECT_EQ(last["cat"], "pass 0");
}

// Spans that touch at times which no double holds exactly must neither overlap nor leave gaps above the
// rounding to nanoseconds: every event starts where the one before it on its thread ends.
TEST(ChromeTrace, EventsOfAThreadFollowEachOther) {
  std::ostringstream out;
  ChromeTraceSink sink(out, kNames);
  const int num_lanes = 2;
  std::vector<double> end(num_lanes, 1.0 / 3);
  for (int i = 0; i < 2000; ++i) {
    const int lane = i % num_lanes;
    const double start = end[static_cast<std::size_t>(lane)];
    const double stop = start + 1e-4 / (3 + i % 7);
    sink.add(span_of(start, stop, 0, lane));
    end[static_cast<std::size_t>(lane)] = stop;
  }
  sink.finish();
  std::map<int, double> last_end;
  int num_events = 0;
  const Json trace = Json::parse(out.str());
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++num_events;
    const double start = event["ts"];
    const auto found = last_end.find(event["tid"]);
    if (found != last_end.end()) {
      EXPECT_NEAR(start, found->second, 1e-6);
    }
    last_end[event["tid"]] = start + event["dur"].get<double>();
  }
  EXPECT_EQ(num_events, 2000);
}

TEST(ChromeTrace, FromARecordFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("moesim_trace_" + std::to_string(getpid()) + ".moesim");
  {
    StoreWriter writer(path);
    write_span_names(kNames, writer);
    for (int i = 0; i < 10; ++i) writer.add(span_of(i, i + 1, 0, 0));
    writer.commit();
  }
  std::ostringstream from_file;
  write_chrome_trace(StoreReader(path), from_file);
  std::filesystem::remove(path);
  std::ostringstream direct;
  ChromeTraceSink sink(direct, kNames);
  for (int i = 0; i < 10; ++i) sink.add(span_of(i, i + 1, 0, 0));
  sink.finish();
  EXPECT_EQ(from_file.str(), direct.str());
}

}  // namespace
}  // namespace moesim
