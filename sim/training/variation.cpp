#include "sim/training/variation.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/training_summary.hpp"

namespace moesim {
namespace {

/// A number with an interval, wherever it is kept.
struct Uncertain {
  std::string name;
  double low = 0, high = 0;
  double* value = nullptr;
};

void collect(std::vector<Constant>& constants, const SourceSet& excluded, std::vector<Uncertain>& all) {
  for (Constant& constant : constants) {
    const ResolvedConstant resolved = resolve(constant, excluded, "");
    double* value = resolved.fallback ? &constant.fallback->value : &constant.value;
    all.push_back({constant.name, resolved.low, resolved.high, value});
  }
}

/// A stated input with its plus or minus; not below `least`.
void collect(const std::string& name, double& value, double uncertainty, double least,
             std::vector<Uncertain>& all) {
  if (uncertainty > 0)
    all.push_back({name, std::max(least, value - uncertainty), value + uncertainty, &value});
}

/// Inputs taken apart, so that their numbers can be changed.
struct Parts {
  explicit Parts(const TrainingInputs& inputs)
      : copy(inputs), profile_file(inputs.profile.file()), excluded(inputs.profile.excluded()) {
    collect(copy.stack.constants, excluded, uncertain);
    collect(profile_file.constants, excluded, uncertain);
    ClusterSpec& cluster = copy.plan.input.cluster;
    RoutingChoice& routing = copy.scenario.routing;
    if (routing.mode == RoutingMode::stated) {
      collect("routing", routing.rank_max_over_mean, routing.rank_max_over_mean_uncertainty, 1, uncertain);
    }
    collect("gpu_speed_sigma", cluster.gpu_speed_sigma, cluster.gpu_speed_sigma_uncertainty, 0, uncertain);
    collect("operator_jitter", cluster.operator_jitter, cluster.operator_jitter_uncertainty, 0, uncertain);
    collect("nic_efficiency", cluster.nic.efficiency, cluster.nic.efficiency_uncertainty, 0, uncertain);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  TrainingInputs finish() {
    copy.profile = CalibrationProfile(std::move(profile_file), excluded, copy.profile.path());
    return std::move(copy);
  }

  TrainingInputs copy;
  ProfileFile profile_file;
  SourceSet excluded;
  std::vector<Uncertain> uncertain;  ///< points into the members above
};

/// The inverse of a triangular distribution's cumulative function.
double triangular(double low, double mode, double high, double u) {
  if (!(high > low)) return mode;
  const double at_mode = (mode - low) / (high - low);
  if (u < at_mode) return low + std::sqrt(u * (high - low) * (mode - low));
  return high - std::sqrt((1 - u) * (high - low) * (high - mode));
}

Json percentiles(const std::vector<double>& values) {
  return {{"p10", percentile(values, 10)}, {"p50", percentile(values, 50)}, {"p90", percentile(values, 90)}};
}

}  // namespace

TrainingInputs at_interval_end(const TrainingInputs& inputs, std::string_view name, IntervalEnd end) {
  Parts parts(inputs);
  const auto found = std::find_if(parts.uncertain.begin(), parts.uncertain.end(),
                                  [&](const Uncertain& input) { return input.name == name; });
  if (found != parts.uncertain.end()) *found->value = end == IntervalEnd::low ? found->low : found->high;
  return parts.finish();
}

TrainingInputs drawn(const TrainingInputs& inputs, std::uint64_t draw) {
  Parts parts(inputs);
  for (const Uncertain& input : parts.uncertain) {
    const double u = uniform_at(inputs.scenario.seed, stream_of("uncertainty:" + input.name), draw);
    *input.value = triangular(input.low, *input.value, input.high, u);
  }
  return parts.finish();
}

Json training_uncertainty(const TrainingInputs& inputs, int threads) {
  std::vector<double> step_s(kNumReplays);
  const auto replay_from = [&](std::size_t first) {
    for (std::size_t i = first; i < step_s.size(); i += static_cast<std::size_t>(threads)) {
      step_s[i] = step_seconds(drawn(inputs, i), {});
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int t = 1; t < threads; ++t) workers.emplace_back(replay_from, static_cast<std::size_t>(t));
    replay_from(0);
  }
  std::vector<double> gpu_hours;
  for (const double s : step_s) gpu_hours.push_back(step_rates(inputs, s).gpu_hours_per_trillion_tokens);
  const Parts parts(inputs);
  const auto num_uncertain =
      std::ranges::count_if(parts.uncertain, [](const Uncertain& input) { return input.high > input.low; });
  return {{"replays", kNumReplays},
          {"step_time_s", percentiles(step_s)},
          {"gpu_hours_per_trillion_tokens", percentiles(gpu_hours)},
          {"num_inputs", num_uncertain}};
}

}  // namespace moesim
