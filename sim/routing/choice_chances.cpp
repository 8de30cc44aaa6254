#include "sim/routing/choice_chances.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "base/math.hpp"

namespace moesim {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
constexpr float kMostLogit = 16;

float greater(float a, float b) {
  return a > b ? a : b;
}
float lesser(float a, float b) {
  return a < b ? a : b;
}

double sigmoid(double x) {
  return 1 / (1 + exp_det(-x));
}

const FunctionTable& sigmoid_table() {
  static const FunctionTable table(-kMostLogit, kMostLogit, 1 << 13, sigmoid);
  return table;
}

/// The inverse; the ends stand for what is beyond them.
const FunctionTable& logit_table() {
  static const FunctionTable table(0, 1, 1 << 14, [](double y) {
    const double least = sigmoid(-kMostLogit);
    const double inside = std::clamp(y, least, 1 - least);
    return log_det(inside / (1 - inside));
  });
  return table;
}

const FunctionTable& cdf_table() {
  static const FunctionTable table(-8, 8, 1 << 12, normal_cdf);
  return table;
}

}  // namespace

ChoiceChances::ChoiceChances(const GateSpec& gate, double sigma)
    : gate_(gate),
      sigma_(static_cast<float>(sigma)),
      limited_(gate.num_groups > 1 && gate.topk_groups < gate.num_groups),
      by_logits_(gate.scoring == Scoring::softmax && !gate.has_bias &&
                 !(limited_ && gate.group_score == GroupScore::sum_of_two_best)),
      group_size_(limited_ ? gate.num_experts / gate.num_groups : gate.num_experts),
      sigmoid_of_(sigmoid_table()),
      logit_of_(logit_table()),
      cdf_of_(cdf_table()) {
  if (gate.random_second) throw std::invalid_argument("a random second choice has no critical logit");
  if (!(sigma > 0)) throw std::invalid_argument("a token's noise is above 0");
  if (!limited_) gate_.num_groups = gate_.topk_groups = 1;
  const auto groups = static_cast<std::size_t>(gate_.num_groups);
  scores_.resize(static_cast<std::size_t>(gate.num_experts));
  critical_.resize(scores_.size());
  group_scores_.resize(groups);
  group_best_.resize(3 * groups);
  group_order_.resize(groups);
  for (Best* best : {&kept_, &others_, &merged_}) {
    best->value.resize(static_cast<std::size_t>(gate.top_k) + 1);
    best->expert.resize(best->value.size());
  }
  chosen_.resize(static_cast<std::size_t>(gate.top_k));
}

void ChoiceChances::Best::offer(float v, std::uint16_t e) {
  const int most = static_cast<int>(value.size());
  if (num == most && v <= value[static_cast<std::size_t>(most - 1)]) return;
  int at = num < most ? num++ : most - 1;
  for (; at > 0 && value[static_cast<std::size_t>(at - 1)] < v; --at) {
    value[static_cast<std::size_t>(at)] = value[static_cast<std::size_t>(at - 1)];
    expert[static_cast<std::size_t>(at)] = expert[static_cast<std::size_t>(at - 1)];
  }
  value[static_cast<std::size_t>(at)] = v;
  expert[static_cast<std::size_t>(at)] = e;
}

void ChoiceChances::score_token(std::span<const float> mean, std::span<const float> noise,
                                std::span<const float> bias) {
  const std::size_t n = scores_.size();
  for (std::size_t e = 0; e < n; ++e) scores_[e] = mean[e] + sigma_ * noise[e];
  if (by_logits_) return;
  if (gate_.scoring == Scoring::sigmoid) {
    for (std::size_t e = 0; e < n; ++e) scores_[e] = sigmoid_of_(scores_[e]) + bias[e];
    return;
  }
  greatest_ = *std::max_element(scores_.begin(), scores_.end());
  double sum = 0;
  for (float& score : scores_) sum += score = static_cast<float>(exp_det(score - greatest_));
  denominator_ = static_cast<float>(sum);
  for (std::size_t e = 0; e < n; ++e) scores_[e] = scores_[e] / denominator_ + bias[e];
}

void ChoiceChances::rank_groups() {
  const auto size = static_cast<std::size_t>(group_size_);
  for (std::size_t g = 0; g < group_scores_.size(); ++g) {
    float first = kNever, second = kNever, third = kNever;
    for (std::size_t e = g * size; e < (g + 1) * size; ++e) {  // without branches, which nothing predicts
      const float v = scores_[e];
      third = greater(third, lesser(second, v));
      second = greater(second, lesser(first, v));
      first = greater(first, v);
    }
    float* best = &group_best_[3 * g];
    best[0] = first, best[1] = second, best[2] = third;
    group_scores_[g] = gate_.group_score == GroupScore::sum_of_two_best ? first + second : first;
  }
  for (std::size_t g = 0; g < group_order_.size(); ++g) {  // few: by insertion, equals by id
    std::size_t at = g;
    for (; at > 0; --at) {
      const int before = group_order_[at - 1];
      if (group_scores_[static_cast<std::size_t>(before)] >= group_scores_[g]) break;
      group_order_[at] = before;
    }
    group_order_[at] = static_cast<int>(g);
  }
}

void ChoiceChances::choose() {
  const int most = static_cast<int>(kept_.value.size());
  kept_.clear();
  for (int place = 0; place < gate_.topk_groups; ++place) {
    if (place == gate_.topk_groups - 1) others_ = kept_;
    const int first = group_order_[static_cast<std::size_t>(place)] * group_size_;
    for (int e = first; e < first + group_size_; ++e) {
      const float v = scores_[static_cast<std::size_t>(e)];
      if (kept_.num < most || v > kept_.value.back()) kept_.offer(v, static_cast<std::uint16_t>(e));
    }
  }
  std::copy_n(kept_.expert.begin(), chosen_.size(), chosen_.begin());
}

float ChoiceChances::softmax_logit(float score) const {
  if (score <= 0) return -1e30F;
  return static_cast<float>(log_det(score * denominator_)) + greatest_;
}

/// Experts of a group that is kept compete with the other kept ones, those of another with the best groups
/// but the last, whose place they have to take first.
void ChoiceChances::find_critical(int group, bool kept) {
  const auto first = static_cast<std::size_t>(group * group_size_);
  const std::size_t end = first + static_cast<std::size_t>(group_size_);
  const Best* rivals = &kept_;
  if (!kept) {
    merged_ = others_;
    const int most = static_cast<int>(merged_.value.size());
    for (std::size_t e = first; e < end; ++e) {
      if (merged_.num < most || scores_[e] > merged_.value.back())
        merged_.offer(scores_[e], static_cast<std::uint16_t>(e));
    }
    rivals = &merged_;
  }
  const auto k = static_cast<std::size_t>(gate_.top_k);
  const float last = rivals->num >= gate_.top_k ? rivals->value[k - 1] : kNever;
  const float next = rivals->num > gate_.top_k ? rivals->value[k] : kNever;
  for (std::size_t e = first; e < end; ++e) critical_[e] = scores_[e] >= last ? next : last;
  if (!limited_) return;
  const float* best = &group_best_[3 * static_cast<std::size_t>(group)];
  const int rival = group_order_[static_cast<std::size_t>(gate_.topk_groups - (kept ? 0 : 1))];
  const float bar = group_scores_[static_cast<std::size_t>(rival)];
  const bool two = gate_.group_score == GroupScore::sum_of_two_best;
  if (two ? best[1] + best[2] > bar : best[1] > bar) return;  // kept without any one of its experts
  for (std::size_t e = first; e < end; ++e) {
    const float one = scores_[e] >= best[0] ? best[1] : best[0];
    const float other = scores_[e] >= best[1] ? best[2] : best[1];
    const float needed = two ? bar - one : bar;
    const bool kept_without = two ? one + other > bar : one > bar;
    critical_[e] = kept_without ? critical_[e] : std::max(critical_[e], needed);
  }
}

void ChoiceChances::add_chances(std::span<const float> mean, std::span<const float> bias,
                                std::span<double> chances) const {
  const float per_sigma = 1 / sigma_;
  const auto add = [&](std::size_t e, float logit) { chances[e] += cdf_of_((mean[e] - logit) * per_sigma); };
  const std::size_t n = critical_.size();
  if (by_logits_) {
    for (std::size_t e = 0; e < n; ++e) add(e, critical_[e]);
  } else if (gate_.scoring == Scoring::sigmoid) {
    for (std::size_t e = 0; e < n; ++e) add(e, logit_of_(critical_[e] - bias[e]));
  } else {
    for (std::size_t e = 0; e < n; ++e) add(e, softmax_logit(critical_[e] - bias[e]));
  }
}

std::span<const std::uint16_t> ChoiceChances::add_token(std::span<const float> mean,
                                                        std::span<const float> noise,
                                                        std::span<const float> bias,
                                                        std::span<double> chances) {
  score_token(mean, noise, bias);
  if (limited_) {
    rank_groups();
  } else {
    group_order_[0] = 0;
  }
  choose();
  if (chances.empty()) return chosen_;
  for (int place = 0; place < gate_.num_groups; ++place)
    find_critical(group_order_[static_cast<std::size_t>(place)], place < gate_.topk_groups);
  add_chances(mean, bias, chances);
  return chosen_;
}

}  // namespace moesim
