#include "sim/planner/search/training_failure.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

namespace moesim {
namespace {

constexpr double kGiB = 0x1p30;

SpecError all_forbidden(const std::string& file, const std::vector<TrainingCandidate>& candidates) {
  std::map<std::string, std::size_t> by_reason;
  for (const TrainingCandidate& candidate : candidates) ++by_reason[candidate.reason];
  const auto most = std::ranges::max_element(by_reason, {}, [](const auto& row) { return row.second; });
  return {
      file, most->first.starts_with('/') ? most->first : "",
      fmt::format("none of {} points is a layout that can be laid out; {} are forbidden here{}",
                  candidates.size(), most->second, most->first.starts_with('/') ? "" : ": " + most->first),
      "`moesim plan` says why for one of them; vary other values with --vary"};
}

SpecError none_fits(const std::string& file, const std::vector<TrainingCandidate>& candidates) {
  double least = std::numeric_limits<double>::infinity();
  std::size_t num = 0;
  for (const TrainingCandidate& candidate : candidates) {
    if (candidate.state != LayoutState::memory) continue;
    ++num;
    least = std::min(least, candidate.excess_B);
  }
  return {file, "/layout",
          fmt::format("memory empties the space: none of {} layouts fits; the nearest lacks {:.2f} GiB", num,
                      least / kGiB),
          "vary recompute, pp, ep or zero, allow more memory, or take more GPUs"};
}

}  // namespace

SpecError no_layout_holds(const std::string& file, const TrainingSearch& search,
                          const std::vector<TrainingCandidate>& candidates) {
  const auto any = [&](LayoutState state) {
    return std::ranges::find(candidates, state, &TrainingCandidate::state) != candidates.end();
  };
  if (!any(LayoutState::evaluated))
    return any(LayoutState::memory) ? none_fits(file, candidates) : all_forbidden(file, candidates);
  std::size_t worst = 0;
  std::size_t worst_misses = 0;
  double nearest = 0;
  std::size_t evaluated = 0;
  for (std::size_t limit = 0; limit < search.limits.size(); ++limit) {
    std::size_t misses = 0;
    double least = std::numeric_limits<double>::infinity();
    evaluated = 0;
    for (const TrainingCandidate& candidate : candidates) {
      if (candidate.state != LayoutState::evaluated) continue;
      ++evaluated;
      if (candidate.misses[limit] > 0) ++misses;
      least = std::min(least, candidate.misses[limit]);
    }
    if (misses <= worst_misses) continue;
    worst = limit;
    worst_misses = misses;
    nearest = least;
  }
  return {"", "",
          fmt::format("--constraint {} empties the space: {} of {} layouts miss it, the nearest by {:.1f} %",
                      search.limits[worst].text, worst_misses, evaluated, 100 * nearest),
          "allow more, or vary other values"};
}

}  // namespace moesim
