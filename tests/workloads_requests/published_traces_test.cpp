#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unordered_set>
#include <vector>

#include "workloads/requests/request_trace.hpp"

namespace moesim {
namespace {

/// What is known of a published trace; 0: not stated. Lengths in tokens, rounded.
struct Known {
  const char* file;
  std::size_t requests;
  double minutes;
  double input_mean, input_p50, input_p90, output_mean;
  double hits;  ///< share of blocks found in a cache without limit
};

constexpr Known kTraces[] = {
    {"AzureLLMInferenceTrace_code.csv.gz", 8819, 57, 2048, 1469, 5186, 28, 0},
    {"AzureLLMInferenceTrace_conv.csv.gz", 19366, 58, 1155, 1020, 2734, 211, 0},
    {"mooncake_fast25_conversation_trace.jsonl.gz", 12031, 59, 12035, 6909, 27367, 343, 0.366},
    {"mooncake_fast25_synthetic_trace.jsonl.gz", 3993, 17, 15325, 0, 0, 149, 0.640},
};

double hits_of(const RequestTrace& trace) {
  std::unordered_set<std::uint64_t> seen;
  double blocks = 0, hits = 0;
  for (const Request& request : trace.requests) {
    const auto known = [&](std::uint64_t block) { return seen.contains(block); };
    const auto end = std::ranges::find_if_not(request.blocks, known);
    hits += static_cast<double>(end - request.blocks.begin());
    blocks += static_cast<double>(request.blocks.size());
    seen.insert(request.blocks.begin(), request.blocks.end());
  }
  return hits / blocks;
}

/// Conventions of a percentile differ by which of the two nearest sorted values they take, or mix.
void expect_percentile(const std::vector<double>& sorted, double share, double known) {
  const auto low = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  EXPECT_GE(known, sorted[low] - 1);
  EXPECT_LE(known, sorted[low + 1] + 1);
}

/// Lengths are published rounded.
void expect_lengths(const Known& known, const RequestTrace& trace) {
  std::vector<double> inputs;
  double input = 0, output = 0;
  for (const Request& request : trace.requests) {
    inputs.push_back(static_cast<double>(request.input_tokens));
    input += inputs.back();
    output += static_cast<double>(request.output_tokens);
  }
  const auto count = static_cast<double>(inputs.size());
  EXPECT_NEAR(input / count, known.input_mean, 1);
  EXPECT_NEAR(output / count, known.output_mean, 1);
  if (known.input_p50 <= 0) return;
  std::ranges::sort(inputs);
  expect_percentile(inputs, 0.5, known.input_p50);
  expect_percentile(inputs, 0.9, known.input_p90);
}

class PublishedTrace : public testing::TestWithParam<Known> {};

TEST_P(PublishedTrace, HasTheKnownFigures) {
  const Known& known = GetParam();
  const char* folder = std::getenv("MOESIM_SHARED_DATA");
  const auto path =
      std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "traces" / known.file;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  const RequestTrace trace = read_request_trace(path.string());
  EXPECT_EQ(trace.requests.size(), known.requests);
  EXPECT_NEAR(trace.requests.back().arrival_s / 60, known.minutes, 1);
  expect_lengths(known, trace);
  if (known.hits > 0) {
    EXPECT_NEAR(hits_of(trace), known.hits, 0.0005);
  }
  EXPECT_EQ(trace.has_blocks, known.hits > 0);
}

INSTANTIATE_TEST_SUITE_P(All, PublishedTrace, testing::ValuesIn(kTraces),
                         [](const auto& each) { return "Trace" + std::to_string(each.index); });

}  // namespace
}  // namespace moesim
