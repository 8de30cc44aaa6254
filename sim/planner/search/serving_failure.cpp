#include "sim/planner/search/serving_failure.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

namespace moesim {
namespace {

std::string changes_text(const ServingPoint& point) {
  std::string text;
  for (std::size_t i = 0; i < point.pointers.size(); ++i)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", point.pointers[i], point.values[i].dump());
  return text.empty() ? "the scenario as it is" : text;
}

/// The limit that a deployment misses by the largest share; nothing where it holds all.
struct Miss {
  double fraction = 0;
  double value = 0;
  const ServingLimit* limit = nullptr;
};

Miss worst_miss(const ServingSearch& search, const ServingFigures& figures) {
  Miss worst;
  for (const ServingLimit& limit : search.limits) {
    const std::optional<double> value = value_of(limit, figures);
    const double fraction = value ? miss_fraction(limit, *value) : 1e9;
    if (fraction > worst.fraction) worst = {fraction, value.value_or(0), &limit};
  }
  return worst;
}

SpecError limits_emptied(const std::string& file, const ServingSearch& search,
                         const std::vector<ServingCandidate>& candidates) {
  std::map<std::string, std::size_t> missed;
  std::size_t ran = 0;
  Miss nearest;
  const ServingCandidate* at = nullptr;
  for (const ServingCandidate& candidate : candidates) {
    if (candidate.state != CandidateState::evaluated || !candidate.figures.unsteady.empty()) continue;
    ++ran;
    for (const ServingLimit& limit : search.limits) {
      const std::optional<double> value = value_of(limit, candidate.figures);
      if (!value || miss_fraction(limit, *value) > 0) ++missed[limit.text];
    }
    const Miss miss = worst_miss(search, candidate.figures);
    if (at == nullptr || miss.fraction < nearest.fraction) nearest = miss, at = &candidate;
  }
  std::string counts;
  for (const auto& [text, points] : missed)
    counts += fmt::format("{}{} is missed by {} of {}", counts.empty() ? "" : ", ", text, points, ran);
  return {
      file, "",
      fmt::format("no deployment holds the constraints: {}; the nearest misses {} by {:.1f} % ({} = {:.4g})",
                  counts, nearest.limit->text, nearest.fraction * 100, nearest.limit->figure, nearest.value),
      "the nearest: " + changes_text(at->point)};
}

}  // namespace

void require_generation(const Json& scenario, const std::string& file) {
  for (const auto& [name, pool] : scenario.at("deployment").items()) {
    if (pool.value("role", std::string("colocated")) != "prefill") return;
  }
  throw SpecError(file, "/deployment", "no pool generates tokens",
                  "search a fleet with a decode or colocated pool");
}

SpecError nothing_holds(const std::string& file, const ServingSearch& search,
                        const std::vector<ServingCandidate>& candidates) {
  std::map<std::string, std::size_t> reasons;
  for (const ServingCandidate& candidate : candidates) {
    const bool ran = candidate.state == CandidateState::evaluated;
    if (ran && candidate.figures.unsteady.empty()) return limits_emptied(file, search, candidates);
    ++reasons[ran ? candidate.figures.unsteady
                  : (candidate.pointer.empty() ? "" : candidate.pointer + ": ") + candidate.reason];
  }
  const auto most = std::ranges::max_element(reasons, {}, [](const auto& reason) { return reason.second; });
  return {file, "/deployment",
          fmt::format("no deployment of {} points can be run; {} of them: {}", candidates.size(),
                      most->second, most->first),
          search.gpus ? fmt::format("{} GPUs were to be shared out", *search.gpus)
                      : "vary other values, or give --gpus"};
}

}  // namespace moesim
