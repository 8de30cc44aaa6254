#include "sim/routing/loss_effect.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/math.hpp"

namespace moesim {
namespace {

/// gradient_j += P_j (c_j - sum_i c_i P_i) of one part.
void add_gradient(std::span<const double> c, const BalanceSums& part, std::span<double> gradient) {
  if (!(part.num_tokens > 0)) return;
  std::vector<double> p(c.size()), products(c.size());
  for (std::size_t i = 0; i < c.size(); ++i) {
    p[i] = part.scores[i] / part.num_tokens;
    products[i] = c[i] * p[i];
  }
  const double mean = sum_fixed_order(products);
  for (std::size_t j = 0; j < c.size(); ++j) gradient[j] += p[j] * (c[j] - mean);
}

}  // namespace

std::vector<double> score_slopes(Scoring scoring, std::span<const float> logits, int num_experts) {
  const auto n = static_cast<std::size_t>(num_experts);
  if (logits.empty() || logits.size() % n != 0) throw std::invalid_argument("logits are tokens x experts");
  std::vector<double> slopes(n, 1);
  if (scoring == Scoring::softmax) return slopes;
  std::vector<double> s(n), shares(n, 0), moved(n, 0);
  for (std::size_t first = 0; first < logits.size(); first += n) {
    for (std::size_t j = 0; j < n; ++j) s[j] = 1 / (1 + exp_det(-static_cast<double>(logits[first + j])));
    const double sum = sum_fixed_order(s);
    for (std::size_t j = 0; j < n; ++j) {
      shares[j] += s[j] / sum;
      moved[j] += s[j] / sum * (1 - s[j]);
    }
  }
  for (std::size_t j = 0; j < n; ++j) slopes[j] = shares[j] > 0 ? moved[j] / shares[j] : 1;
  return slopes;
}

LossMeter::LossMeter(const LossSpec& spec, const LossShape& shape)
    : spec_(spec),
      shape_(shape),
      part_gradient_(static_cast<std::size_t>(shape.num_experts)),
      sequence_gradient_(static_cast<std::size_t>(shape.num_experts)) {}

void LossMeter::add(const BalanceSums& part) {
  sums_.expert += expert_loss(spec_.expert, shape_, part);
  sums_.device += device_loss(spec_.device, shape_, part);
  sums_.communication += communication_loss(spec_.communication, shape_, part);
  add_gradient(loss_coefficients(spec_, shape_, part), part, part_gradient_);
  ++num_parts_;
}

void LossMeter::add_sequence(const BalanceSums& sequence) {
  sums_.sequence += expert_loss(spec_.sequence, shape_, sequence);
  LossSpec alone;
  alone.expert = spec_.sequence;
  add_gradient(loss_coefficients(alone, shape_, sequence), sequence, sequence_gradient_);
  ++num_sequences_;
}

LossTerms LossMeter::mean() const {
  const double parts = std::max(num_parts_, 1.0);
  return {sums_.expert / parts, sums_.device / parts, sums_.communication / parts,
          sums_.sequence / std::max(num_sequences_, 1.0)};
}

std::vector<double> LossMeter::gradient(std::span<const double> slopes) const {
  if (!slopes.empty() && slopes.size() != part_gradient_.size())
    throw std::invalid_argument("a slope for each expert");
  std::vector<double> gradient(part_gradient_.size());
  for (std::size_t j = 0; j < gradient.size(); ++j) {
    gradient[j] =
        part_gradient_[j] / std::max(num_parts_, 1.0) + sequence_gradient_[j] / std::max(num_sequences_, 1.0);
    if (!slopes.empty()) gradient[j] *= slopes[j];
  }
  return gradient;
}

void LossMeter::clear() {
  *this = LossMeter(spec_, shape_);
}

void apply_losses(const LossDynamics& dynamics, std::span<const double> gradient,
                  std::span<const double> natural, std::span<double> offsets) {
  if (gradient.size() != offsets.size() || natural.size() != offsets.size())
    throw std::invalid_argument("a gradient and a natural offset for each expert");
  const double scale = dynamics.effect * static_cast<double>(offsets.size());
  for (std::size_t j = 0; j < offsets.size(); ++j) {
    offsets[j] -= std::clamp(scale * gradient[j], -dynamics.max_step, dynamics.max_step);
    offsets[j] += dynamics.pull * (natural[j] - offsets[j]);
  }
}

void reinforce(double rate, std::span<const double> load, std::span<double> offsets) {
  if (load.size() != offsets.size()) throw std::invalid_argument("an offset for each expert's load");
  const double total = sum_fixed_order(load);
  if (!(total > 0)) return;
  const auto num_experts = static_cast<double>(load.size());
  for (std::size_t j = 0; j < load.size(); ++j) {
    const double moved = offsets[j] + rate * (load[j] * num_experts / total - 1);
    offsets[j] = std::clamp(moved, -kReinforcedLimit, kReinforcedLimit);
  }
}

}  // namespace moesim
