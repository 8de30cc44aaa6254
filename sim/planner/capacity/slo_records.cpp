#include "sim/planner/capacity/slo_records.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moesim {
namespace {

double time_of(const RequestRecord& record, SloFigure figure) {
  switch (figure) {
    case SloFigure::ttft:
      return record.ttft_s();
    case SloFigure::tpot:
      return record.tpot_s();
    case SloFigure::e2e:
      break;
  }
  return record.e2e_s();
}

bool has_time(const RequestRecord& record, SloFigure figure) {
  return figure != SloFigure::tpot || record.output_tokens > 1;
}

/// Requests that must be within the limit. 0.99 x 100 is 99.000000000000014 in no arithmetic of ours: a share
/// that is a hair above a whole number of requests asks for that number.
double within_asked(const SloTarget& target, std::int64_t requests) {
  constexpr double kHair = 1e-9;
  return std::ceil(target.share * static_cast<double>(requests) * (1 - kHair));
}

TargetOutcome outcome_of(const SloTarget& target, const LogHistogram& times, std::int64_t within,
                         std::int64_t requests) {
  TargetOutcome outcome{std::numeric_limits<double>::infinity(), requests, requests - within, false};
  if (requests == 0) return outcome;
  const double asked = within_asked(target, requests);
  outcome.holds = static_cast<double>(within) >= asked;
  if (asked <= times.total()) outcome.value_s = times.quantile(asked / times.total());
  // The middle of a bucket may lie on the other side of the limit.
  if (outcome.holds) outcome.value_s = std::min(outcome.value_s, target.limit_s);
  return outcome;
}

}  // namespace

SloRecords::SloRecords(const std::vector<SloTarget>& targets) {
  for (const SloTarget& target : targets) counts_.push_back({target, {}, 0, 0});
}

void SloRecords::add_time(double seconds, Count& count) {
  count.times.add(seconds);
  ++count.requests;
  if (seconds <= count.target.limit_s) ++count.within;
}

void SloRecords::add_unknown(double least_s, Count& count) {
  if (least_s > count.target.limit_s) ++count.requests;
}

void SloRecords::add(const RequestRecord& record) {
  if (!record.measured || record.resident) return;
  for (Count& count : counts_) {
    if (record.rejected) {
      ++count.requests;
    } else if (has_time(record, count.target.figure)) {
      add_time(time_of(record, count.target.figure), count);
    }
  }
}

void SloRecords::add_unfinished(const RequestRecord& record) {
  if (!record.measured) return;
  const bool has_first = record.first_token_s > record.arrival_s;
  for (Count& count : counts_) {
    switch (count.target.figure) {
      case SloFigure::ttft:
        has_first ? add_time(record.ttft_s(), count) : add_unknown(record.e2e_s(), count);
        break;
      case SloFigure::tpot:
        if (has_first && record.output_tokens > 1) add_unknown(record.tpot_s(), count);
        // A prompt that never ends has no later tokens either.
        if (!has_first && std::isinf(record.end_s)) ++count.requests;
        break;
      case SloFigure::e2e:
        add_unknown(record.e2e_s(), count);
        break;
    }
  }
}

bool SloRecords::surely_missed(std::int64_t most_requests) const {
  return std::ranges::any_of(counts_, [&](const Count& count) {
    const std::int64_t misses = count.requests - count.within;
    return static_cast<double>(most_requests - misses) < within_asked(count.target, most_requests);
  });
}

std::vector<TargetOutcome> SloRecords::outcomes() const {
  std::vector<TargetOutcome> all;
  for (const Count& count : counts_)
    all.push_back(outcome_of(count.target, count.times, count.within, count.requests));
  return all;
}

}  // namespace moesim
