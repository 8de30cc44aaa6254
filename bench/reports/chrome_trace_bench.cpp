#include <benchmark/benchmark.h>

#include <sstream>

#include "reports/chrome_trace.hpp"
#include "reports/csv.hpp"

namespace moesim {
namespace {

const SpanNames kNames{{"attention_forward", "mlp_forward", "dispatch_forward", "combine_forward"},
                       {"computation", "communication"},
                       {"forward", "backward", "weight", "forward_backward"}};

Span span_of(int i) {
  Span span;
  span.start_s = i * 1.234567e-3;
  span.end_s = (i + 1) * 1.234567e-3;
  span.gpu = span.rank = i % 16;
  span.layer = static_cast<std::int16_t>(i % 61);
  span.microbatch = static_cast<std::uint16_t>(i % 120);
  span.phase = static_cast<std::uint8_t>(i % 4);
  span.lane = static_cast<std::uint8_t>(i % 2);
  span.pass = static_cast<std::uint8_t>(i % 4);
  return span;
}

/// Spans of a step of 16 ranks, as text in memory.
template <class Sink>
void BM_WriteSpans(benchmark::State& state) {
  constexpr int kSpans = 100'000;
  for (auto _ : state) {
    std::ostringstream out;
    Sink sink(out, kNames);
    for (int i = 0; i < kSpans; ++i) sink.add(span_of(i));
    benchmark::DoNotOptimize(out.tellp());
  }
  state.SetItemsProcessed(state.iterations() * kSpans);
}
BENCHMARK(BM_WriteSpans<ChromeTraceSink>)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_WriteSpans<CsvSink>)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace moesim
