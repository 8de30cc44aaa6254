#include <gtest/gtest.h>

#include <sstream>

#include "base/error.hpp"
#include "sim/results/memory_sink.hpp"
#include "sim/results/ndjson_sink.hpp"
#include "sim/results/span_chunk.hpp"

namespace moesim {
namespace {

Span example(int i) {
  Span span;
  span.start_s = 0.1 * i;
  span.end_s = 0.1 * i + 0.05;
  span.gpu = i;
  span.rank = i % 16;
  span.layer = static_cast<std::int16_t>(i % 61 - 1);
  span.microbatch = static_cast<std::uint16_t>(i);
  span.phase = 3;
  span.lane = 1;
  span.pass = 2;
  return span;
}

TEST(SpanChunk, ColumnsReadBackToTheSameBits) {
  std::vector<Span> spans;
  for (int i = 0; i < 1000; ++i) spans.push_back(example(i));
  const std::string data = encode_spans(spans);
  EXPECT_EQ(data.size(), 1000 * kSpanBytes);
  const std::vector<Span> back = decode_spans(data, 1000);
  EXPECT_EQ(encode_spans(back), data);
  EXPECT_EQ(back[77].start_s, spans[77].start_s);
  EXPECT_EQ(back[77].layer, spans[77].layer);
  EXPECT_THROW(decode_spans(data, 999), RunError);
}

TEST(NdjsonSink, OneObjectALine) {
  std::ostringstream out;
  NdjsonSink sink(out, {{"a", "b", "c", "dispatch"}, {"host", "a \"lane\""}, {}});
  sink.add(example(1));
  EXPECT_EQ(
      out.str(),
      "{\"event\": \"record\", \"start_s\": 0.1, \"end_s\": 0.15000000000000002, \"gpu\": 1, \"rank\": 1, "
      "\"layer\": 0, \"microbatch\": 1, \"phase\": \"dispatch\", \"lane\": \"a \\\"lane\\\"\", \"pass\": "
      "\"pass 2\"}\n");
}

TEST(NdjsonSink, LoadsAndSeriesAreRecords) {
  std::ostringstream out;
  NdjsonSink sink(out, {});
  const std::vector<std::uint32_t> tokens{7, 0, 4294967295U};
  sink.add("expert_load", {12, 3, tokens});
  sink.add(Series{"max \"violation\"", "", {0, 10}, {0.5, 0.1}});
  sink.add(Histogram{"ttft_s", "s", {0.1, 0.25}, {0, 7}});
  EXPECT_EQ(
      out.str(),
      "{\"event\": \"record\", \"stream\": \"expert_load\", \"step\": 12, \"layer\": 3, \"tokens\": [7, 0, "
      "4294967295]}\n"
      "{\"event\": \"record\", \"series\": \"max \\\"violation\\\"\", \"unit\": \"\", \"time_s\": [0, 10], "
      "\"value\": [0.5, 0.1]}\n"
      "{\"event\": \"record\", \"histogram\": \"ttft_s\", \"unit\": \"s\", \"edge\": [0.1, 0.25], "
      "\"weight\": "
      "[0, 7]}\n");
}

TEST(TeeSink, FeedsEverySink) {
  MemorySink a;
  MemorySink b;
  TeeSink tee({&a, &b});
  tee.add(example(5));
  const std::vector<std::uint32_t> tokens{1, 2};
  tee.add("gpu_load", {3, 4, tokens});
  tee.add(Series{"x", "", {0}, {1}});
  tee.add(Series{"x", "", {1}, {2}});
  tee.add(Histogram{"h", "s", {1, 2}, {0, 3}});
  for (const MemorySink* sink : {&a, &b}) {
    EXPECT_EQ(sink->loads().at("gpu_load").at(0).tokens, tokens);
    EXPECT_EQ(sink->series().at("x").value, (std::vector<double>{1, 2}));
    EXPECT_EQ(sink->histograms().at("h").weight, (std::vector<double>{0, 3}));
  }
  ASSERT_EQ(a.spans().size(), 1u);
  EXPECT_EQ(encode_spans(a.spans()), encode_spans(b.spans()));
}

}  // namespace
}  // namespace moesim
