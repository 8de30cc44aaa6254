#include <array>

#include "calib/measure/rank_needs.hpp"
#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

constexpr double kHidden = 7168;
constexpr double kTopK = 8;
constexpr std::array<int, 7> kRanks{1, 2, 4, 8, 16, 32, 64};

/// One transfer over `ranks` ranks whose GPUs reach each other's memory.
MeasuredCase transfer(TimedOperator op, NumberFormat format, int ranks, double tokens) {
  const bool sends = op == TimedOperator::dispatch_normal || op == TimedOperator::dispatch_low_latency;
  MeasuredCase point;
  point.group = sends ? "dispatch" : "combine";
  point.op = op;
  point.format = format;
  point.axes = {{"ep", ranks}, {"tokens", tokens}, {"top_k", kTopK}, {"hidden", kHidden}};
  if (ranks == 1) point.name = kSoftwareFloor;
  return point;
}

MeasuredCase normal(TimedOperator op, NumberFormat format, int ranks, double tokens, double sms) {
  MeasuredCase point = transfer(op, format, ranks, tokens);
  point.axes["sms"] = sms;
  return point;
}

std::vector<MeasuredCase> cases_of(TimedOperator normal_op, TimedOperator low_latency_op,
                                   NumberFormat format) {
  std::vector<MeasuredCase> cases;
  for (int ranks : kRanks) {
    MeasuredCase usual = normal(normal_op, format, ranks, 4096, 24);
    usual.quick = true;
    cases.push_back(usual);
    MeasuredCase few = transfer(low_latency_op, format, ranks, 128);
    few.quick = true;
    cases.push_back(few);
    if (ranks == 1) continue;
    for (double tokens : {256, 1024, 2048, 8192})
      cases.push_back(normal(normal_op, format, ranks, tokens, 24));
    for (double sms : {4, 8, 12, 16, 20, 28, 32})
      cases.push_back(normal(normal_op, format, ranks, 4096, sms));
    MeasuredCase skewed = usual;
    skewed.settings["exponent"] = 1;
    skewed.quick = false;
    cases.push_back(skewed);
    for (double tokens : {1, 8, 16, 32, 64, 256})
      cases.push_back(transfer(low_latency_op, format, ranks, tokens));
    for (double sms : {8, 16, 32}) {
      MeasuredCase point = few;
      point.settings["sms"] = sms;
      point.quick = false;
      cases.push_back(point);
    }
  }
  return cases;
}

MeasuredCase random_transfer(TimedOperator normal_op, TimedOperator low_latency_op, NumberFormat format,
                             RandomStream& random) {
  const int ranks = kRanks[random.below(kRanks.size())];
  const bool is_normal = random.below(2) == 0;
  MeasuredCase point = transfer(is_normal ? normal_op : low_latency_op, format, ranks,
                                static_cast<double>(1 + random.below(is_normal ? 2000 : 200)));
  point.axes["top_k"] = static_cast<double>(1 + random.below(10));
  point.axes["hidden"] = 512 * static_cast<double>(1 + random.below(16));
  point.settings["exponent"] = static_cast<double>(random.below(4)) * 0.4;
  (is_normal ? point.axes : point.settings)["sms"] = static_cast<double>(4 + random.below(29));
  return point;
}

}  // namespace

std::vector<MeasuredCase> dispatch_cases() {
  auto cases =
      cases_of(TimedOperator::dispatch_normal, TimedOperator::dispatch_low_latency, NumberFormat::fp8);
  for (int ranks : kRanks)
    cases.push_back(normal(TimedOperator::dispatch_normal, NumberFormat::bf16, ranks, 4096, 24));
  return cases;
}

MeasuredCase dispatch_random_case(RandomStream& random) {
  return random_transfer(TimedOperator::dispatch_normal, TimedOperator::dispatch_low_latency,
                         NumberFormat::fp8, random);
}

std::vector<MeasuredCase> combine_cases() {
  return cases_of(TimedOperator::combine_normal, TimedOperator::combine_low_latency, NumberFormat::bf16);
}

MeasuredCase combine_random_case(RandomStream& random) {
  return random_transfer(TimedOperator::combine_normal, TimedOperator::combine_low_latency,
                         NumberFormat::bf16, random);
}

}  // namespace moesim
