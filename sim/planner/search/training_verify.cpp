#include "sim/planner/search/training_verify.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include <fmt/format.h>

#include "base/spec_pointer.hpp"
#include "sim/planner/search/training_candidates.hpp"

namespace moesim {
namespace {

WorkerRequest request_of(const TrainingSpace& space, const Json& base, const Json& entry,
                         std::uint64_t rank) {
  Json scenario = base;
  for (const auto& [pointer, value] : entry.at("changes").items())
    set_value_at_pointer(scenario, Json::object(), space.file(), pointer, value);
  scenario["layout"] = entry.at("layout");
  scenario["engine"] = "simgrid";
  scenario.erase("published");
  WorkerRequest request;
  request.id = fmt::format("layout {}", rank);
  request.file = space.file();
  request.scenario.text = scenario.dump();
  return request;
}

}  // namespace

void verify_best(const TrainingSpace& space, const TrainingSearch& search, Json& summary) {
  const std::size_t num = std::min(search.num_verified, summary["best"].size());
  if (num == 0 || !search.run) return;
  const Json base = space.scenario_of(kOwnPoint);
  std::vector<WorkerRequest> requests;
  for (std::size_t i = 0; i < num; ++i) {
    requests.push_back(request_of(space, base, summary["best"][i], i + 1));
    requests.back().exclude_sources.assign(search.excluded_sources.begin(), search.excluded_sources.end());
  }
  const std::vector<WorkerOutcome> outcomes = search.run(requests);
  double most = 0;
  bool same_order = true;
  double before = 0;
  for (std::size_t i = 0; i < num; ++i) {
    Json& entry = summary["best"][i];
    if (!outcomes[i].result) {
      entry["simgrid"] = {{"fault", outcomes[i].message}};
      continue;
    }
    const Json figures = parse_json(outcomes[i].result->text, "worker").at("summary");
    const double value = figures.at(std::string(figure_key(search.objective))).get<double>();
    const double difference = value / entry["value"].get<double>() - 1;
    entry["simgrid"] = {{"value", value}, {"difference_fraction", difference}};
    most = std::max(most, std::abs(difference));
    const double score = score_of(search.objective, figures);
    same_order = same_order && score >= before;
    before = score;
  }
  summary["simgrid"] = {{"verified", num}, {"max_difference_fraction", most}, {"same_order", same_order}};
}

}  // namespace moesim
