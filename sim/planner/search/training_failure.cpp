#include "sim/planner/search/training_failure.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

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

/// Layouts too large for memory, by what they are too large for, and what the nearest lacks.
struct TooLarge {
  std::map<std::string, std::size_t> by_limit;  ///< "": the memory of a GPU
  std::size_t num = 0;
  double least_B = std::numeric_limits<double>::infinity();
};

TooLarge too_large(const std::vector<TrainingCandidate>& candidates) {
  TooLarge out;
  for (const TrainingCandidate& candidate : candidates) {
    if (candidate.state != LayoutState::memory) continue;
    ++out.num;
    ++out.by_limit[candidate.reason];
    out.least_B = std::min(out.least_B, candidate.excess_B);
  }
  return out;
}

/// ", 3 more too large for memory, 1 more for memory<=40GiB".
std::string more_text(const TooLarge& large) {
  std::string text;
  for (const auto& [limit, layouts] : large.by_limit)
    text += fmt::format(", {} more too large for {}", layouts, limit.empty() ? "memory" : limit);
  return text;
}

SpecError none_fits(const std::string& file, const TooLarge& large) {
  std::string limits;
  for (const auto& [limit, layouts] : large.by_limit)
    limits += limit.empty() ? "" : fmt::format(" ({} of them within a GPU but not {})", layouts, limit);
  return {file, "/layout",
          fmt::format("memory empties the space: none of {} layouts fits{}; the nearest lacks {:.2f} GiB",
                      large.num, limits, large.least_B / kGiB),
          "vary recompute, pp, ep or zero, allow more memory, or take more GPUs"};
}

std::string changes_text(const TrainingSpace& space, const TrainingCandidate& candidate) {
  const Json changes = space.changes(candidate.index);
  std::string text;
  for (const auto& [pointer, value] : changes.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", pointer, value.dump());
  return text.empty() ? "the scenario as it is" : text;
}

/// Layouts ran, and each misses a limit: how many miss which, and the one whose worst miss is smallest.
SpecError limits_emptied(const TrainingSpace& space, const TrainingSearch& search,
                         const std::vector<TrainingCandidate>& candidates) {
  std::vector<std::size_t> missed(search.limits.size());
  std::size_t ran = 0;
  double nearest = std::numeric_limits<double>::infinity();
  const TrainingCandidate* at = nullptr;
  for (const TrainingCandidate& candidate : candidates) {
    if (candidate.state != LayoutState::evaluated) continue;
    ++ran;
    for (std::size_t i = 0; i < missed.size(); ++i) missed[i] += candidate.misses[i] > 0 ? 1 : 0;
    const double worst = std::ranges::max(candidate.misses);
    if (worst < nearest || at == nullptr) nearest = worst, at = &candidate;
  }
  std::string counts;
  for (std::size_t i = 0; i < missed.size(); ++i) {
    if (missed[i] == 0) continue;
    counts += fmt::format("{}{} is missed by {} of {}", counts.empty() ? "" : ", ", search.limits[i].text,
                          missed[i], ran);
  }
  const auto worst = static_cast<std::size_t>(std::ranges::max_element(at->misses) - at->misses.begin());
  return {space.file(), "",
          fmt::format("no layout holds the constraints: {}{}; the nearest misses {} by {:.3g} %", counts,
                      more_text(too_large(candidates)), search.limits[worst].text, 100 * nearest),
          "the nearest: " + changes_text(space, *at) + "; allow more, or vary other values"};
}

}  // namespace

SpecError no_layout_holds(const TrainingSpace& space, const TrainingSearch& search,
                          const std::vector<TrainingCandidate>& candidates) {
  const auto any = [&](LayoutState state) {
    return std::ranges::find(candidates, state, &TrainingCandidate::state) != candidates.end();
  };
  if (any(LayoutState::evaluated)) return limits_emptied(space, search, candidates);
  const TooLarge large = too_large(candidates);
  return large.num > 0 ? none_fits(space.file(), large) : all_forbidden(space.file(), candidates);
}

}  // namespace moesim
