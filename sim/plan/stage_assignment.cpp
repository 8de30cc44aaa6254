#include "sim/plan/stage_assignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <tuple>

#include "base/memo.hpp"
#include "models/flops.hpp"
#include "models/parameters.hpp"
#include "sim/schedule/schedule_table.hpp"

namespace moesim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEqual = 1 + 1e-12;  ///< of times that rounding tells apart

StageContent cut(const ModelSpec& model, int first, int count, bool is_first, bool is_last) {
  StageContent stage;
  stage.first_layer = first;
  stage.num_dense = std::clamp(model.num_dense_layers - first, 0, count);
  stage.num_moe = count - stage.num_dense;
  stage.has_embedding = is_first;
  stage.has_head = is_last;
  stage.num_mtp = is_last ? model.mtp_depth : 0;
  return stage;
}

bool is_loop(const ScheduleShape& pipeline) {
  return row_of(pipeline.kind).mapping == StageMapping::loop;
}

/// Dynamic programming from the ends of the pipeline inwards, over the states that can be reached. Group k
/// holds stage k and, where ranks hold pairs, stage num_stages - 1 - k. A state is the number of layers that
/// earlier groups took in front and behind.
class Balance {
 public:
  Balance(const ModelSpec& model, const ScheduleShape& pipeline, const LayerTimes& times)
      : model_(model),
        paired_(!is_loop(pipeline)),
        least_of_last_(num_stages(pipeline) > pipeline.num_ranks ? 0 : 1),
        num_stages_(num_stages(pipeline)),
        num_groups_(paired_ ? num_stages_ / 2 : num_stages_),
        side_(static_cast<std::size_t>(model.num_layers) + 1),
        choices_(static_cast<std::size_t>(num_groups_) * side_ * side_),
        stage_times_(static_cast<std::size_t>(num_stages_) * side_ * side_) {
    for (int stage = 0; stage < num_stages_; ++stage) {
      for (int first = 0; first <= model.num_layers; ++first) {
        for (int count = 0; first + count <= model.num_layers; ++count) {
          stage_times_[at(stage, first, count)] =
              stage_time(cut(model, first, count, stage == 0, stage == num_stages_ - 1), times);
        }
      }
    }
  }

  /// Minimises the largest group time, or the sum of squared stage times; no group may take longer than
  /// `limit`.
  double solve(bool largest, double limit) {
    std::vector<double> inner(side_ * side_, kInfinity);
    for (std::size_t front = 0; front < side_; ++front) inner[front * side_ + (side_ - 1 - front)] = 0;
    for (int k = num_groups_ - 1; k >= 0; --k) {
      std::vector<double> outer(side_ * side_, kInfinity);
      const int most = k == 0 ? 0 : model_.num_layers - least_inside(k);
      const int least_back = !paired_ || k == 0 ? 0 : least_of_last_ + k - 1;
      for (int front = k; front <= most; ++front) {
        for (int back = least_back; front + back <= most && (paired_ || back == 0); ++back) {
          outer[state(front, back)] = best_of(k, front, back, largest, limit, inner);
        }
      }
      inner = std::move(outer);
    }
    return inner[0];
  }

  /// Layers of each stage in the last solution.
  [[nodiscard]] std::vector<int> layers() const {
    std::vector<int> counts(static_cast<std::size_t>(num_stages_));
    int front = 0;
    int back = 0;
    for (int k = 0; k < num_groups_; ++k) {
      const Choice& choice = choices_[at(k, front, back)];
      counts[static_cast<std::size_t>(k)] = choice.front;
      if (paired_) counts[static_cast<std::size_t>(num_stages_ - 1 - k)] = choice.back;
      front += choice.front;
      back += choice.back;
    }
    return counts;
  }

 private:
  struct Choice {
    std::int16_t front = 0;
    std::int16_t back = 0;
  };

  [[nodiscard]] std::size_t state(int front, int back) const {
    return static_cast<std::size_t>(front) * side_ + static_cast<std::size_t>(back);
  }
  /// Into an array [..][num_layers + 1][num_layers + 1].
  [[nodiscard]] std::size_t at(int k, int a, int b) const {
    return static_cast<std::size_t>(k) * side_ * side_ + state(a, b);
  }
  /// Layers that group k and those inside it take at least: one for each stage but the last.
  [[nodiscard]] int least_inside(int k) const {
    const bool has_last = !paired_ || k == 0;
    const int stages = (paired_ ? 2 : 1) * (num_groups_ - k);
    return has_last ? stages - 1 + least_of_last_ : stages;
  }
  [[nodiscard]] double time(int stage, int first, int count) const {
    return stage_times_[at(stage, first, count)];
  }

  /// What exceeds the best so far alone is left out, which a loop of rising times ends with.
  double best_of(int k, int front, int back, bool largest, double limit, const std::vector<double>& inner) {
    double best = kInfinity;
    const auto value_of = [largest](double rest, double t_front, double t_back) {
      return largest ? std::max(rest, t_front + t_back) : rest + t_front * t_front + t_back * t_back;
    };
    const auto beyond = [&](double t_front, double t_back) {
      return t_front + t_back > limit || value_of(0, t_front, t_back) > best * kEqual;
    };
    const int left = model_.num_layers - front - back;
    const bool is_last = !paired_ && k == num_groups_ - 1;
    for (int a = is_last ? least_of_last_ : 1; a <= left; ++a) {
      const double t_front = time(k, front, a);
      if (beyond(t_front, 0)) break;
      const int least_b = !paired_ ? 0 : k == 0 ? least_of_last_ : 1;
      const bool takes_rest = paired_ && k == num_groups_ - 1;
      for (int b = takes_rest ? std::max(least_b, left - a) : least_b; a + b <= left; ++b) {
        const double t_back = paired_ ? time(num_stages_ - 1 - k, model_.num_layers - back - b, b) : 0;
        if (beyond(t_front, t_back)) break;
        const double value = value_of(inner[state(front + a, back + b)], t_front, t_back);
        if (value <= best * kEqual && value < kInfinity) {  // of equals the most layers in front
          best = value;
          choices_[at(k, front, back)] = {static_cast<std::int16_t>(a), static_cast<std::int16_t>(b)};
        }
        if (!paired_) break;
      }
    }
    return best;
  }

  const ModelSpec& model_;
  bool paired_;
  int least_of_last_;  ///< layers: none where its rank has others and the head stands alone
  int num_stages_;
  int num_groups_;
  std::size_t side_;
  std::vector<Choice> choices_;      ///< [num_groups][num_layers + 1][num_layers + 1]
  std::vector<double> stage_times_;  ///< [num_stages][first layer][number of layers]
};

/// [num_ranks]
std::vector<double> rank_times(const std::vector<StageContent>& stages, const ScheduleShape& pipeline,
                               const LayerTimes& times) {
  std::vector<double> sums(static_cast<std::size_t>(pipeline.num_ranks));
  for (int rank = 0; rank < pipeline.num_ranks; ++rank) {
    for (int chunk = 0; chunk < num_chunks(pipeline); ++chunk) {
      const auto stage = static_cast<std::size_t>(stage_of(pipeline, rank, chunk));
      sums[static_cast<std::size_t>(rank)] += stage_time(stages[stage], times);
    }
  }
  return sums;
}

constexpr std::size_t kKeptBalances = 65536;  ///< of a search over layouts, most of which share theirs

/// Layers of each stage, as balance_stages() has them.
std::vector<int> balanced_layers(const ModelSpec& model, const ScheduleShape& pipeline,
                                 const LayerTimes& times) {
  const int stages = num_stages(pipeline);
  Balance balance(model, pipeline, times);
  std::vector<int> even(static_cast<std::size_t>(stages), model.num_layers / stages);
  for (int s = 0; s < model.num_layers % stages; ++s) ++even[static_cast<std::size_t>(s)];
  constexpr double kRounding = 1 + 1e-9;
  const int stages_of_group = is_loop(pipeline) ? num_chunks(pipeline) : 1;
  const double limit = step_pace(assign_stages(model, even), pipeline, times) / stages_of_group * kRounding;
  const double largest = balance.solve(true, limit);
  constexpr double kAlike = 1.01;  // layer times are not known better
  balance.solve(false, largest * kAlike);
  return balance.layers();
}

}  // namespace

LayerTimes layer_times_by_flops(const ModelSpec& model, std::int64_t sequence_length) {
  const double core = attention_core_flops(model, static_cast<double>(sequence_length) / 2).value() / 2;
  const auto of_layer = [&](LayerKind kind) {
    return static_cast<double>(layer_parameters(model, kind).multiplied()) + core;
  };
  LayerTimes times;
  times.moe = of_layer(LayerKind::moe);
  times.dense = model.num_dense_layers > 0 ? of_layer(LayerKind::dense) : 0;
  times.mtp = model.mtp_depth > 0 ? times.moe + static_cast<double>(mtp_projection_parameters(model)) : 0;
  times.head = static_cast<double>(model.vocabulary * model.hidden);
  return times;
}

double stage_time(const StageContent& stage, const LayerTimes& times) {
  return stage.num_dense * times.dense + stage.num_moe * times.moe + stage.num_mtp * times.mtp +
         stage.num_heads() * times.head + (stage.has_embedding ? times.embedding : 0);
}

std::vector<StageContent> assign_stages(const ModelSpec& model, const std::vector<int>& stage_layers) {
  std::vector<StageContent> stages;
  int first = 0;
  for (std::size_t s = 0; s < stage_layers.size(); ++s) {
    stages.push_back(cut(model, first, stage_layers[s], s == 0, s + 1 == stage_layers.size()));
    first += stage_layers[s];
  }
  return stages;
}

double largest_rank_time(const std::vector<StageContent>& stages, const ScheduleShape& pipeline,
                         const LayerTimes& times) {
  const std::vector<double> ranks = rank_times(stages, pipeline, times);
  return *std::max_element(ranks.begin(), ranks.end());
}

double step_pace(const std::vector<StageContent>& stages, const ScheduleShape& pipeline,
                 const LayerTimes& times) {
  if (!is_loop(pipeline)) return largest_rank_time(stages, pipeline, times);
  double slowest = 0;
  for (const StageContent& stage : stages) slowest = std::max(slowest, stage_time(stage, times));
  return num_chunks(pipeline) * slowest;
}

std::vector<StageContent> balance_stages(const ModelSpec& model, const ScheduleShape& pipeline,
                                         const LayerTimes& times) {
  using Key = std::tuple<int, int, int, ScheduleKind, int, int, double, double, double, double, double>;
  static Memo<Key, std::vector<int>> memo(kKeptBalances);
  const Key key{model.num_layers,   model.num_dense_layers,
                model.mtp_depth,    pipeline.kind,
                pipeline.num_ranks, pipeline.vpp,
                times.dense,        times.moe,
                times.mtp,          times.head,
                times.embedding};
  return assign_stages(model, memo.of(key, [&] { return balanced_layers(model, pipeline, times); }));
}

}  // namespace moesim
