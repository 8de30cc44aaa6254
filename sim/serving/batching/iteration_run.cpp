#include "sim/serving/batching/iteration_run.hpp"

#include <algorithm>
#include <cmath>

#include "sim/serving/batching/unit_totals.hpp"

namespace moesim {
namespace {

/// 0 + 1 + ... + (n - 1).
double triangle(std::int64_t n) {
  return 0.5 * static_cast<double>(n) * static_cast<double>(n - 1);
}

}  // namespace

double IterationRun::end_after(std::int64_t iterations) const {
  return start_s + (first_s * static_cast<double>(iterations) + growth_s * triangle(iterations));
}

std::int64_t IterationRun::iterations_to(double time_s, bool inclusive) const {
  const auto enough = [&](std::int64_t n) {
    const double end = end_after(n);
    return inclusive ? end >= time_s : end > time_s;
  };
  if (length <= 1 || enough(1)) return 1;
  // start + first n + growth n^2 / 2 is close to the time of n iterations; the rest is found by steps.
  const double elapsed = time_s - start_s;
  const double root = std::sqrt(std::max(0.0, first_s * first_s + 2 * growth_s * elapsed));
  const double guess = 2 * elapsed / (first_s + root);
  std::int64_t n = 1;
  if (guess > 1) n = guess < static_cast<double>(length) ? static_cast<std::int64_t>(guess) : length;
  while (n > 1 && enough(n - 1)) --n;
  while (n < length && !enough(n)) ++n;
  return n;
}

std::int64_t IterationRun::done_at(double time_s) const {
  if (time_s >= end()) return length;
  return iterations_to(time_s) - 1;
}

void IterationRun::add_steps(std::int64_t from, std::int64_t to, StepTime& sum) const {
  const auto count = static_cast<double>(to - from);
  const double later = planned > 1 ? (triangle(to) - triangle(from)) / static_cast<double>(planned - 1) : 0;
  add_scaled(sum, first, count - later);
  if (later > 0) add_scaled(sum, last, later);
}

}  // namespace moesim
