#pragma once

#include "sim/routing/simd/gate_choice.hpp"

namespace moesim {

/// One token after another. Biased scores lie group by group, each group padded with -inf to whole rows; a
/// gate that groups do not limit has one.
template <class L>
class TokenRouter {
 public:
  explicit TokenRouter(const GateKernelInput& in)
      : in_(in),
        s_(in.scratch),
        whole_rows_(in.num_experts / kGateLanes),
        tail_(in.num_experts % kGateLanes),
        group_size_(in.num_experts / in.num_groups),
        stride_((group_size_ + kGateLanes - 1) / kGateLanes * kGateLanes),
        repacks_(in.num_groups > 1 && stride_ != group_size_) {
    for (int i = 0; i < kGateLanes; ++i) s_.valid[i] = i < tail_ ? 1.0F : 0.0F;
    for (int i = 0; repacks_ && i < in.num_groups * stride_; ++i) s_.grouped[i] = kMinusInfinity;
    for (int i = 0; i < in.num_experts; ++i) s_.sums[i] = in.score_sums != nullptr ? in.score_sums[i] : 0.0;
  }

  std::size_t route() {
    for (std::size_t token = 0; token < in_.num_tokens; ++token) {
      const float* logits = in_.logits + token * static_cast<std::size_t>(in_.num_experts);
      for (int i = 0; i < tail_; ++i) s_.tail[i] = logits[whole_rows_ * kGateLanes + i];
      for (int i = tail_; tail_ > 0 && i < kGateLanes; ++i) s_.tail[i] = s_.tail[0];
      if (!(in_.sigmoid ? score_sigmoid(logits) : score_softmax(logits))) return token;
      if (in_.score_sums != nullptr) add_scores();
      choose(token);
    }
    for (int i = 0; in_.score_sums != nullptr && i < in_.num_experts; ++i) in_.score_sums[i] = s_.sums[i];
    return in_.num_tokens;
  }

 private:
  using Batch = FloatBatch<L>;

  [[nodiscard]] int num_rows() const { return whole_rows_ + (tail_ > 0 ? 1 : 0); }
  [[nodiscard]] bool is_tail(int row) const { return row == whole_rows_; }

  /// Of a token; the last row is filled up with one of its logits.
  [[nodiscard]] Row<L> logits_of(const float* logits, int row) const {
    return Row<L>::load(is_tail(row) ? s_.tail : logits + row * kGateLanes);
  }

  /// Whether every x was finite, given the sum of all x * 0.
  static bool all_finite(const Row<L>& zeros) { return fold_lanes<L>(zeros, Sum<L>()) == 0.0F; }

  void store_scores(int row, const Row<L>& scores) const {
    const Row<L> bias = Row<L>::load(in_.bias + row * kGateLanes);
    scores.store(s_.scores + row * kGateLanes);
    Row<L> biased = scores;
    combine<L>(biased, bias, Sum<L>());
    biased.store(s_.biased + row * kGateLanes);
  }

  void clear_beyond(int row, Row<L>& scores) const {
    if (!is_tail(row)) return;
    for (int p = 0; p < kParts<L>; ++p) {
      scores.part[p] = scores.part[p] * Batch::load_aligned(s_.valid + p * kWidth<L>);
    }
  }

  bool score_sigmoid(const float* logits) const {
    const Batch one(1.0F);
    Row<L> zeros = Row<L>::filled(0.0F);
    for (int row = 0; row < num_rows(); ++row) {
      Row<L> x = logits_of(logits, row);
      for (int p = 0; p < kParts<L>; ++p) {
        zeros.part[p] = zeros.part[p] + x.part[p] * Batch(0.0F);
        x.part[p] = one / (one + exp_lanes<L>(-x.part[p]));
      }
      clear_beyond(row, x);
      store_scores(row, x);
    }
    return all_finite(zeros);
  }

  bool score_softmax(const float* logits) const {
    Row<L> zeros = Row<L>::filled(0.0F);
    Row<L> greatest = logits_of(logits, 0);
    for (int row = 0; row < num_rows(); ++row) {
      const Row<L> x = logits_of(logits, row);
      for (int p = 0; p < kParts<L>; ++p) zeros.part[p] = zeros.part[p] + x.part[p] * Batch(0.0F);
      combine<L>(greatest, x, Greater<L>());
    }
    if (!all_finite(zeros)) return false;
    const Batch most(fold_lanes<L>(greatest, Greater<L>()));
    Row<L> sum = Row<L>::filled(0.0F);
    for (int row = 0; row < num_rows(); ++row) {
      Row<L> x = logits_of(logits, row);
      for (int p = 0; p < kParts<L>; ++p) x.part[p] = exp_lanes<L>(x.part[p] - most);
      clear_beyond(row, x);
      x.store(s_.scores + row * kGateLanes);
      combine<L>(sum, x, Sum<L>());
    }
    const Batch total(fold_lanes<L>(sum, Sum<L>()));
    for (int row = 0; row < num_rows(); ++row) {
      Row<L> x = Row<L>::load(s_.scores + row * kGateLanes);
      for (int p = 0; p < kParts<L>; ++p) x.part[p] = x.part[p] / total;
      store_scores(row, x);
    }
    return true;
  }

  void add_scores() const {
    Row<L> sum = Row<L>::filled(0.0F);
    for (int row = 0; in_.sigmoid && row < num_rows(); ++row) {
      combine<L>(sum, Row<L>::load(s_.scores + row * kGateLanes), Sum<L>());
    }
    const Batch factor(in_.sigmoid ? 1.0F / fold_lanes<L>(sum, Sum<L>()) : 1.0F);
    for (int i = 0; i < num_rows() * kGateLanes; i += kWidth<L>) {
      L::add(s_.sums + i, Batch::load_aligned(s_.scores + i) * factor);
    }
  }

  /// Biased scores, group by group.
  float* grouped_scores() const {
    if (!repacks_) return s_.biased;
    for (int g = 0; g < in_.num_groups; ++g) {
      __builtin_memcpy(s_.grouped + g * stride_, s_.biased + g * group_size_,
                       static_cast<std::size_t>(group_size_) * sizeof(float));
    }
    return s_.grouped;
  }

  /// The rows that a token may choose from, ascending; returns their number.
  int limit_groups(float* values) const {
    score_groups<L>(values, in_.num_groups, stride_, in_.sum_of_two_best, s_.group_scores);
    rank_values<L>(s_.group_scores, in_.num_groups, s_.group_ranks);
    const bool all_stay = in_.masked > kMinusInfinity;
    const auto kept = static_cast<float>(in_.topk_groups);
    int count = 0;
    for (int g = 0; g < in_.num_groups; ++g) {
      const bool stays = s_.group_ranks[g] < kept;
      for (int i = 0; all_stay && !stays && i < group_size_; ++i) values[g * stride_ + i] = in_.masked;
      for (int i = 0; i < stride_; i += kGateLanes) s_.rows[count + i / kGateLanes] = g * stride_ + i;
      count += stays || all_stay ? stride_ / kGateLanes : 0;
    }
    return count;
  }

  int all_rows() const {
    for (int row = 0; row < num_rows(); ++row) s_.rows[row] = row * kGateLanes;
    return num_rows();
  }

  void choose(std::size_t token) const {
    float* values = grouped_scores();
    const int rows = in_.num_groups > 1 ? limit_groups(values) : all_rows();
    const float bound = lower_bound_of_best<L>(values, s_.rows, rows, in_.top_k, s_.candidates);
    const int count = find_candidates<L>(values, s_.rows, rows, bound, s_.positions);
    choose_best<L>(values, s_.positions, count, in_.top_k, s_.candidates, s_.best);
    const std::size_t first = token * static_cast<std::size_t>(in_.top_k);
    for (int k = 0; k < in_.top_k; ++k) {
      const int position = s_.best[k];
      const int expert = repacks_ ? position / stride_ * group_size_ + position % stride_ : position;
      in_.experts[first + static_cast<std::size_t>(k)] = static_cast<std::uint16_t>(expert);
      in_.scores[first + static_cast<std::size_t>(k)] = s_.scores[expert];
    }
  }

  const GateKernelInput in_;
  const GateScratch s_;
  int whole_rows_;
  int tail_;  ///< experts in the last row, when it is not whole
  int group_size_;
  int stride_;  ///< floats of a group
  bool repacks_;
};

}  // namespace moesim
