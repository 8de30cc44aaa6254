#include "workloads/requests/arrival_times.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/math.hpp"
#include "workloads/requests/length_law.hpp"

namespace moesim {
namespace {

constexpr double kDay = 86400;
/// Arrivals of a block on average. Blocks draw from streams of their own, so that any can be the first.
constexpr double kPerBlock = 4096;
/// Above any count of a block: its mean and 16 thousand deviations.
constexpr std::uint64_t kMostOfBlock = 1 << 20;
constexpr std::uint64_t kStream = stream_of("arrival_times");

bool is_poisson(ArrivalProcess process) {
  return process != ArrivalProcess::constant && process != ArrivalProcess::gamma;
}

}  // namespace

ArrivalTimes::ArrivalTimes(ArrivalSpec spec, double start_s, std::uint64_t seed, double from_s)
    : spec_(std::move(spec)), start_s_(start_s), seed_(seed), random_(seed, kStream) {
  greatest_ = spec_.rate_per_s;
  if (spec_.process == ArrivalProcess::on_off) greatest_ *= spec_.on_rate_over_mean;
  if (spec_.process == ArrivalProcess::diurnal) {
    scale_ = static_cast<double>(spec_.day.size()) / std::accumulate(spec_.day.begin(), spec_.day.end(), 0.0);
    greatest_ *= scale_ * *std::ranges::max_element(spec_.day);
  }
  block_s_ = kPerBlock / greatest_;
  if (is_poisson(spec_.process)) {
    block_ = static_cast<std::int64_t>(from_s / block_s_);
    time_s_ = static_cast<double>(block_) * block_s_;
    random_ = RandomStream(seed, kStream, static_cast<std::uint64_t>(block_));
    before_ = static_cast<std::int64_t>(std::llround(expected_before(from_s)));
  }
  if (from_s <= 0) return;
  double time = draw();
  while (time < from_s) time = draw();
  first_ = time;
  if (!is_poisson(spec_.process)) before_ = count_ - 1;
}

double ArrivalTimes::rate(double time_s) const {
  if (spec_.process == ArrivalProcess::on_off) {
    const double period = spec_.period.value();
    if (std::fmod(time_s, period) < spec_.on_fraction * period)
      return spec_.rate_per_s * spec_.on_rate_over_mean;
    const double off = 1 - spec_.on_fraction;
    return off > 0 ? spec_.rate_per_s * (1 - spec_.on_rate_over_mean * spec_.on_fraction) / off : 0;
  }
  if (spec_.process != ArrivalProcess::diurnal) return spec_.rate_per_s;
  const auto size = static_cast<double>(spec_.day.size());
  const double place = std::fmod(start_s_ + time_s, kDay) / kDay * size;
  const auto left = static_cast<std::size_t>(place) % spec_.day.size();
  const double share = place - std::floor(place);
  const double right = spec_.day[(left + 1) % spec_.day.size()];
  return spec_.rate_per_s * scale_ * ((1 - share) * spec_.day[left] + share * right);
}

double ArrivalTimes::expected_before(double time_s) const {
  if (spec_.process != ArrivalProcess::diurnal) return spec_.rate_per_s * time_s;
  constexpr double kStep = 60;
  double sum = 0;
  for (double t = 0; t < time_s; t += kStep) {
    const double end = std::min(t + kStep, time_s);
    sum += rate((t + end) / 2) * (end - t);
  }
  return sum;
}

/// Thinning (Lewis and Shedler 1979) of a Poisson process with the greatest rate, block by block.
double ArrivalTimes::next_of_block() {
  while (true) {
    time_s_ -= log_det(random_.uniform_open()) / greatest_;
    const double end = static_cast<double>(block_ + 1) * block_s_;
    if (time_s_ >= end) {
      time_s_ = end;
      random_ = RandomStream(seed_, kStream, static_cast<std::uint64_t>(++block_));
      in_block_ = 0;
      continue;
    }
    if (spec_.process == ArrivalProcess::poisson || random_.uniform() * greatest_ < rate(time_s_)) {
      ++in_block_;
      return time_s_;
    }
  }
}

double ArrivalTimes::next_gap() {
  if (spec_.process == ArrivalProcess::constant)
    return time_s_ = static_cast<double>(count_) / spec_.rate_per_s;
  return time_s_ += draw_gamma(spec_.cv, random_) / spec_.rate_per_s;
}

double ArrivalTimes::draw() {
  const double time = is_poisson(spec_.process) ? next_of_block() : next_gap();
  ++count_;
  return time;
}

double ArrivalTimes::next() {
  if (!first_) return draw();
  const double time = *first_;
  first_.reset();
  return time;
}

std::uint64_t ArrivalTimes::place() const {
  if (!is_poisson(spec_.process)) return static_cast<std::uint64_t>(count_ - 1);
  return static_cast<std::uint64_t>(block_) * kMostOfBlock + static_cast<std::uint64_t>(in_block_ - 1);
}

}  // namespace moesim
