#include <array>

#include "calib/measure/rank_needs.hpp"
#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

constexpr std::array<TimedOperator, 4> kOperators{TimedOperator::all_reduce, TimedOperator::all_gather,
                                                  TimedOperator::reduce_scatter, TimedOperator::all_to_all};
constexpr double kKi = 1024;
constexpr double kMi = 1024 * kKi;

MeasuredCase collective(TimedOperator op, const RankNeeds& place, double bytes) {
  MeasuredCase point;
  point.group = "collectives";
  point.op = op;
  point.axes = {{"num_gpus", place.ranks}, {"bytes", bytes}};
  if (place.nodes > 1) point.settings["nodes"] = place.nodes;
  if (place.ranks == 1) point.name = kSoftwareFloor;
  return point;
}

/// A way of all_to_all that is not NCCL's own call.
MeasuredCase exchange(const char* name, const RankNeeds& place, double bytes) {
  MeasuredCase point = collective(TimedOperator::all_to_all, place, bytes);
  point.name = name;
  point.regimes = {TimingRegime::cold};
  return point;
}

/// Where collectives are measured: inside one NVLink domain, and over nodes of 1, 4 and 8 GPUs.
std::vector<RankNeeds> places() {
  std::vector<RankNeeds> all;
  for (int ranks : {2, 4, 8, 16, 32, 64}) {
    all.push_back({ranks, 1});
    for (int per_node : {1, 4, 8})
      if (ranks > per_node) all.push_back({ranks, ranks / per_node});
  }
  return all;
}

void add_sizes(std::vector<MeasuredCase>& cases, const RankNeeds& place) {
  for (TimedOperator op : kOperators) {
    for (double bytes = kKi; bytes <= 512 * kMi; bytes *= 2) {
      MeasuredCase point = collective(op, place, bytes);
      point.quick = bytes == 64 * kKi || bytes == 64 * kMi;
      cases.push_back(point);
    }
  }
}

void add_exchanges(std::vector<MeasuredCase>& cases, const RankNeeds& place) {
  for (double bytes = 4 * kKi; bytes <= 512 * kMi; bytes *= 4) {
    cases.push_back(exchange("send_recv", place, bytes));
    if (place.ranks > 2) {
      MeasuredCase skewed = exchange("skewed", place, bytes);
      skewed.settings["max_over_mean"] = 2;
      skewed.quick = bytes == 64 * kMi;
      cases.push_back(skewed);
    }
    if (place.nodes == 1) continue;
    MeasuredCase limited = exchange("node_limited", place, bytes);
    limited.settings["kept_nodes"] = 4;
    limited.quick = bytes == 64 * kMi;
    cases.push_back(limited);
  }
}

void add_budgets(std::vector<MeasuredCase>& cases, const RankNeeds& place) {
  for (TimedOperator op : {TimedOperator::all_reduce, TimedOperator::all_to_all}) {
    for (double sms : {4, 8, 16, 24, 32}) {
      for (double bytes : {kMi, 16 * kMi, 256 * kMi}) {
        MeasuredCase point = collective(op, place, bytes);
        point.settings["sms"] = sms;
        point.regimes = {TimingRegime::cold};
        cases.push_back(point);
      }
    }
  }
}

}  // namespace

std::vector<MeasuredCase> collectives_cases() {
  std::vector<MeasuredCase> cases;
  for (TimedOperator op : kOperators) {
    for (double bytes : {64 * kKi, 64 * kMi}) {
      cases.push_back(collective(op, {1, 1}, bytes));
      cases.back().quick = op == TimedOperator::all_to_all;
    }
  }
  for (const RankNeeds& place : places()) {
    add_sizes(cases, place);
    add_exchanges(cases, place);
    add_budgets(cases, place);
  }
  return cases;
}

MeasuredCase collectives_random_case(RandomStream& random) {
  constexpr std::array<int, 6> kRanks{1, 2, 4, 8, 16, 32};
  const RankNeeds place{kRanks[random.below(kRanks.size())], 1};
  const auto bytes =
      static_cast<double>(16 * (static_cast<std::uint64_t>(place.ranks) + random.below(1U << 18U)));
  const std::uint64_t kind = random.below(6);
  if (place.ranks == 1 || kind < kOperators.size()) return collective(kOperators[kind % 4], place, bytes);
  MeasuredCase point = exchange(kind == 4 ? "send_recv" : "skewed", place, bytes);
  if (kind == 5) point.settings["max_over_mean"] = 1 + random.uniform() * (place.ranks - 1);
  return point;
}

}  // namespace moesim
