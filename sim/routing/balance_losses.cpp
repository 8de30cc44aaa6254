#include "sim/routing/balance_losses.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/math.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

std::size_t experts_per_device(const LossShape& shape) {
  return static_cast<std::size_t>(shape.num_experts / shape.num_devices);
}

std::vector<std::uint16_t> devices_of_experts(const LossShape& shape) {
  std::vector<std::uint16_t> devices(static_cast<std::size_t>(shape.num_experts));
  for (std::size_t i = 0; i < devices.size(); ++i)
    devices[i] = static_cast<std::uint16_t>(i / experts_per_device(shape));
  return devices;
}

/// Sums over the experts of each device, [num_devices].
std::vector<double> by_device(const LossShape& shape, std::span<const double> experts) {
  const std::size_t width = experts_per_device(shape);
  std::vector<double> sums;
  for (std::size_t first = 0; first < experts.size(); first += width)
    sums.push_back(sum_fixed_order(experts.subspan(first, width)));
  return sums;
}

/// count x wanted / (each x tokens): 1 where every place has its share; whole numbers give exactly 1.
std::vector<double> relative(std::span<const double> counts, int num_places, int places_per_token,
                             double num_tokens) {
  std::vector<double> f(counts.size(), 0);
  if (!(num_tokens > 0)) return f;
  for (std::size_t i = 0; i < counts.size(); ++i)
    f[i] = counts[i] * num_places / (places_per_token * num_tokens);
  return f;
}

std::vector<double> expert_fractions(const LossShape& shape, const BalanceSums& sums) {
  return relative(sums.chosen, shape.num_experts, shape.top_k, sums.num_tokens);
}

/// The mean f_i of D devices' N / D experts is D / (K T) x the device's choices.
std::vector<double> device_fractions(const LossShape& shape, const BalanceSums& sums) {
  return relative(by_device(shape, sums.chosen), shape.num_devices, shape.top_k, sums.num_tokens);
}

std::vector<double> sent_fractions(const LossShape& shape, const BalanceSums& sums) {
  return relative(sums.sent, shape.num_devices, shape.device_limit, sums.num_tokens);
}

/// alpha x sum_i f_i scores_i / num_tokens.
double weighted(double alpha, std::span<const double> f, std::span<const double> scores, double num_tokens) {
  if (!(num_tokens > 0)) return 0;
  std::vector<double> products(f.size());
  for (std::size_t i = 0; i < f.size(); ++i) products[i] = f[i] * scores[i];
  return alpha * (sum_fixed_order(products) / num_tokens);
}

}  // namespace

const Spec<LossSpec>& spec_of(const LossSpec*) {
  static const Spec<LossSpec> spec =
      Spec<LossSpec>("losses", "Factors of balance losses.")
          .field("expert", &LossSpec::expert, "alpha_1 of the expert loss; alpha of Switch",
                 optional() | at_least(0))
          .field("device", &LossSpec::device, "alpha_2 of the device loss", optional() | at_least(0))
          .field("communication", &LossSpec::communication, "alpha_3 of the communication loss",
                 optional() | at_least(0))
          .field("sequence", &LossSpec::sequence, "alpha of DeepSeek-V3's sequence-wise loss",
                 optional() | at_least(0))
          .field("scope", &LossSpec::scope,
                 "what the first three are taken over: batch, or sequence (DeepSeek-V2), then the mean",
                 optional());
  return spec;
}

BalanceSums::BalanceSums(const LossShape& shape)
    : chosen(static_cast<std::size_t>(shape.num_experts)),
      scores(static_cast<std::size_t>(shape.num_experts)),
      sent(static_cast<std::size_t>(shape.num_devices)) {
  if (shape.num_devices < 1 || shape.num_experts % shape.num_devices != 0)
    throw std::invalid_argument("experts are a multiple of devices");
}

BalanceSums& BalanceSums::operator+=(const BalanceSums& other) {
  num_tokens += other.num_tokens;
  for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] += other.chosen[i];
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += other.scores[i];
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] += other.sent[i];
  return *this;
}

void BalanceSums::clear() {
  num_tokens = 0;
  for (auto* values : {&chosen, &scores, &sent}) std::fill(values->begin(), values->end(), 0.0);
}

void count_choices(const LossShape& shape, std::span<const std::uint16_t> experts, BalanceSums& sums) {
  const auto top_k = static_cast<std::size_t>(shape.top_k);
  if (experts.size() % top_k != 0) throw std::invalid_argument("choices are tokens x top_k");
  const std::size_t num_tokens = experts.size() / top_k;
  const std::vector<std::uint16_t> device_of = devices_of_experts(shape);
  std::vector<std::uint32_t> chosen(sums.chosen.size(), 0), sent(sums.sent.size(), 0);
  std::vector<std::size_t> last_token(sums.sent.size(), 0);  // 1 + the last token sent to a device
  for (std::size_t token = 1; token <= num_tokens; ++token) {
    for (const std::uint16_t expert : experts.subspan((token - 1) * top_k, top_k)) {
      if (expert == kNoExpert) continue;
      if (expert >= chosen.size()) throw std::invalid_argument("an expert out of range");
      ++chosen[expert];
      const std::size_t device = device_of[expert];
      sent[device] += last_token[device] != token ? 1U : 0U;
      last_token[device] = token;
    }
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) sums.chosen[i] += chosen[i];
  for (std::size_t d = 0; d < sent.size(); ++d) sums.sent[d] += sent[d];
  sums.num_tokens += static_cast<double>(num_tokens);
}

double expert_loss(double alpha, const LossShape& shape, const BalanceSums& sums) {
  return weighted(alpha, expert_fractions(shape, sums), sums.scores, sums.num_tokens);
}

double device_loss(double alpha, const LossShape& shape, const BalanceSums& sums) {
  return weighted(alpha, device_fractions(shape, sums), by_device(shape, sums.scores), sums.num_tokens);
}

double communication_loss(double alpha, const LossShape& shape, const BalanceSums& sums) {
  return weighted(alpha, sent_fractions(shape, sums), by_device(shape, sums.scores), sums.num_tokens);
}

std::vector<double> loss_coefficients(const LossSpec& spec, const LossShape& shape, const BalanceSums& sums) {
  std::vector<double> c(sums.chosen.size(), 0);
  const std::vector<double> expert = expert_fractions(shape, sums);
  const std::vector<double> device = device_fractions(shape, sums);
  const std::vector<double> sent = sent_fractions(shape, sums);
  const std::size_t width = experts_per_device(shape);
  for (std::size_t i = 0; i < c.size(); ++i) {
    c[i] = spec.expert * expert[i] + spec.device * device[i / width] + spec.communication * sent[i / width];
  }
  return c;
}

}  // namespace moesim
