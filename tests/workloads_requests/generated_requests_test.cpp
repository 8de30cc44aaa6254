#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "workloads/requests/length_law.hpp"
#include "workloads/requests/request_source.hpp"

namespace moesim {
namespace {

WorkloadSpec read(const std::string& text) {
  return read_spec<WorkloadSpec>(Json::parse(text), "case.json");
}

std::vector<Request> all_of(const std::string& text, double from_s = 0) {
  const OpenedWorkload opened = open_workload(read(text), "case.json", 7, from_s);
  std::vector<Request> all;
  for (Request request; opened.source->next(request);) all.push_back(request);
  return all;
}

std::string fault_of(const std::string& text) {
  try {
    read(text);
  } catch (const SpecError& error) {
    return error.pointer;
  }
  return "none";
}

TEST(WorkloadSpec, AsksOneThing) {
  EXPECT_EQ(fault_of("{}"), "");
  EXPECT_EQ(fault_of(R"({"concurrency": 2, "saturated": true})"), "");
  EXPECT_EQ(fault_of(R"({"concurrency": 0})"), "/concurrency");
  EXPECT_EQ(fault_of(R"({"arrivals": {"rate_per_s": 0}})"), "/arrivals/rate_per_s");
  EXPECT_EQ(fault_of(R"({"arrivals": {"process": "diurnal"}})"), "/arrivals/day");
  EXPECT_EQ(fault_of(R"({"concurrency": 2, "cached_fraction": 0.5, "cached_request_fraction": 0.4})"),
            "/cached_fraction");
}

// 20,000 gaps of a process with rate 10: mean 0.1 s within 4 standard errors, deviation as the law says.
TEST(Arrivals, HaveTheRateAndSpreadOfTheirProcess) {
  const auto check = [](const std::string& process, double cv) {
    const auto all = all_of(R"({"requests": 20000, "arrivals": {"rate_per_s": 10, "cv": 2, "process": ")" +
                            process + "\"}}");
    ASSERT_EQ(all.size(), 20000U);
    double squares = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
      const double gap = all[i].arrival_s - all[i - 1].arrival_s;
      ASSERT_GE(gap, 0);
      squares += gap * gap;
    }
    const double n = static_cast<double>(all.size() - 1);
    const double mean = (all.back().arrival_s - all.front().arrival_s) / n;
    EXPECT_NEAR(mean, 0.1, 0.1 * 4 * std::max(cv, 1e-9) / std::sqrt(n) + 1e-9) << process;
    EXPECT_NEAR(std::sqrt(std::max(0.0, squares / n - mean * mean)) / mean, cv, 0.1 * cv + 1e-4) << process;
  };
  check("constant", 0);
  check("poisson", 1);
  check("gamma", 2);
}

TEST(Arrivals, FollowTheDay) {
  const std::string day =
      R"({"arrivals": {"process": "diurnal", "rate_per_s": 1, "day": [0, 0, 3, 3]}, "duration": "24 h"})";
  const auto all = all_of(day);
  EXPECT_NEAR(static_cast<double>(all.size()), 86400, 4 * std::sqrt(86400.0));
  // Linear between 0 at 6 h and twice the mean at 12 h and 18 h.
  std::size_t night = 0;
  for (const Request& request : all) night += request.arrival_s < 6 * 3600 ? 1 : 0;
  EXPECT_EQ(night, 0U);
}

TEST(Arrivals, OfAWindowAreThoseOfTheWholeWithTheirLengths) {
  for (const char* process : {"constant", "poisson", "gamma"}) {
    const std::string text = R"({"requests": 100000, "duration": "2000 s",
      "input_spread": {"law": "exponential"}, "arrivals": {"rate_per_s": 20,
      "process": ")" + std::string(process) +
                             "\"}}";
    const auto whole = all_of(text);
    const auto window = all_of(text, 1000);
    ASSERT_FALSE(window.empty());
    std::size_t at = 0;
    while (whole[at].arrival_s < 1000) ++at;
    ASSERT_EQ(window.size(), whole.size() - at) << process;
    for (std::size_t i = 0; i < window.size(); ++i) {
      ASSERT_DOUBLE_EQ(window[i].arrival_s, whole[at + i].arrival_s) << process;
      ASSERT_EQ(window[i].input_tokens, whole[at + i].input_tokens) << process;
    }
  }
}

TEST(Lengths, HaveTheMeanAndSpreadOfTheirLaw) {
  for (const LengthLaw law : {LengthLaw::uniform, LengthLaw::exponential, LengthLaw::lognormal,
                              LengthLaw::gamma, LengthLaw::pareto}) {
    LengthSpread spread;
    spread.law = law;
    spread.cv = law == LengthLaw::exponential ? 1 : 0.5;
    double sum = 0;
    double squares = 0;
    constexpr int kDraws = 40000;
    for (int i = 0; i < kDraws; ++i) {
      RandomStream random(3, stream_of("test"), static_cast<std::uint64_t>(i));
      const auto length = static_cast<double>(draw_length(1000, spread, random));
      sum += length;
      squares += length * length;
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, 1000, 4 * 1000 * spread.cv / std::sqrt(kDraws)) << enum_name(law);
    EXPECT_NEAR(std::sqrt(squares / kDraws - mean * mean) / mean, spread.cv, 0.08) << enum_name(law);
  }
}

TEST(Lengths, AreCutToTheirEnds) {
  for (const Request& request : all_of(R"({"concurrency": 1, "requests": 1000, "input_tokens": 100,
         "input_spread": {"law": "lognormal", "cv": 2, "min": 50, "max": 150}})")) {
    EXPECT_GE(request.input_tokens, 50);
    EXPECT_LE(request.input_tokens, 150);
  }
}

TEST(CachedTokens, AreTheStatedShare) {
  double hits = 0;
  double tokens = 0;
  int without = 0;
  for (const Request& request : all_of(R"({"concurrency": 1, "requests": 20000, "input_tokens": 1000,
         "cached_fraction": 0.3, "cached_request_fraction": 0.5})")) {
    hits += static_cast<double>(request.stated_cached_tokens);
    tokens += static_cast<double>(request.input_tokens);
    without += request.stated_cached_tokens == 0 ? 1 : 0;
  }
  EXPECT_NEAR(hits / tokens, 0.3, 0.01);
  EXPECT_NEAR(without / 20000.0, 0.5, 0.015);
}

}  // namespace
}  // namespace moesim
