// Attention of a profile.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "calib/profile/profile.hpp"

namespace moesim {

namespace {

// Where nothing was timed: shares of the BF16 peak and of HBM bandwidth, and a start. Assumed; the tables of
// attention reach 0.5 to 0.65 and 0.8 to 0.93.
constexpr double kPrefillEfficiency = 0.5;
constexpr double kDecodeEfficiency = 0.5;
constexpr double kCacheBandwidth = 0.8;
constexpr double kStart = 10e-6;
constexpr double kShortest = 0.7, kLongest = 1.5;  // p10 and p90 over such a time

/// The kernels that may answer, best first.
std::array<PrefillKernel, 3> kernels_for(const AttentionShape& shape) {
  using enum PrefillKernel;
  if (shape.qk_dim == kAbsorbedQkDim && shape.v_dim == kAbsorbedVDim) return {absorbed, general, gqa};
  if (shape.kv_heads > 0 && shape.qk_dim == shape.v_dim) return {gqa, general, absorbed};
  return {general, gqa, absorbed};
}

TimeEstimate by_rule(double seconds) {
  return {seconds, Provenance::assumed, "", kShortest * seconds, kLongest * seconds, Grade::rule};
}

}  // namespace

double AttentionShape::flops() const {
  const double pairs = queries * cached + queries * queries * (causal ? 0.5 : 1.0);
  return 2.0 * sequences * heads * (qk_dim + v_dim) * pairs;
}

void CalibrationProfile::refuse_left_out(std::initializer_list<TimedOperator> ops) const {
  const auto answers = [&](const auto& row) {
    return row.regime == Regime::isolated && std::find(ops.begin(), ops.end(), row.op) != ops.end();
  };
  if (std::any_of(file_.entries.begin(), file_.entries.end(), answers) ||
      std::any_of(file_.tables.begin(), file_.tables.end(), answers))
    fail(fmt::format("no {} entry is left", enum_name(*ops.begin())), "leave out fewer sources");
}

std::optional<PrefillKernel> CalibrationProfile::prefill_kernel(const AttentionShape& shape,
                                                                bool backward) const {
  for (const PrefillKernel kernel : kernels_for(shape)) {
    if (attention_.has(kernel, backward)) return kernel;
  }
  return std::nullopt;
}

TimeEstimate CalibrationProfile::past_free_attention(const AttentionShape& shape, double length,
                                                     bool backward) const {
  const double kv_heads = shape.kv_heads > 0 ? shape.kv_heads : shape.heads;
  const PrefillShape past_free{shape.heads, kv_heads, shape.qk_dim, shape.v_dim, shape.sequences, length};
  if (const auto kernel = prefill_kernel(shape, backward))
    return attention_.prefill(*kernel, past_free, backward);
  refuse_left_out(
      {TimedOperator::attention_prefill, TimedOperator::gqa_prefill, TimedOperator::mla_prefill_absorbed});
  return by_rule(kStart + std::max(past_free.flops() / (kPrefillEfficiency * gpu().peak_bf16.value()),
                                   past_free.bytes() / (kCacheBandwidth * gpu().hbm_bandwidth.value())));
}

TimeEstimate CalibrationProfile::any_attention(const AttentionShape& shape, bool backward) const {
  const bool past_free = shape.causal && shape.cached == 0;
  auto out = past_free_attention(shape, shape.queries, backward);
  if (past_free) return out;
  AttentionShape equal_queries = shape;
  equal_queries.cached = 0;
  equal_queries.causal = true;
  out = scaled(out, shape.flops() / equal_queries.flops());
  const double equal_work = shape.queries * std::sqrt(shape.flops() / equal_queries.flops());
  const auto longer = past_free_attention(shape, equal_work, backward);
  if (longer.seconds > out.seconds) out = longer;
  out.provenance = std::max(out.provenance, Provenance::derived);
  out.grade = std::max(out.grade, Grade::carried);
  return out;
}

TimeEstimate CalibrationProfile::attention(const AttentionShape& shape, AttentionRole role) const {
  if (role == AttentionRole::forward) return any_attention(shape, false);
  const auto kernel = prefill_kernel(shape, false);
  const auto timed_backward = prefill_kernel(shape, true);
  if (timed_backward && (!kernel || timed_backward == kernel)) return any_attention(shape, true);
  auto out = any_attention(shape, false);
  const auto ratio =
      constant(kernel == PrefillKernel::gqa ? "gqa_backward_ratio" : "attention_backward_ratio");
  out.seconds *= ratio.value;
  out.p10 *= ratio.low;
  out.p90 *= ratio.high;
  out.provenance = std::max(out.provenance, ratio.provenance);
  out.grade = std::max(out.grade, Grade::carried);
  return out;
}

TimeEstimate CalibrationProfile::mla_decode(const MlaDecodeShape& shape) const {
  if (const auto out = attention_.decode(shape)) return *out;
  refuse_left_out({TimedOperator::mla_decode});
  const auto named = [&](std::string_view name, double otherwise) {
    const bool known = std::any_of(file_.constants.begin(), file_.constants.end(),
                                   [&](const Constant& c) { return c.name == name; });
    return known ? constant(name).value : otherwise;
  };
  const double rate = named("mla_decode_rate", kDecodeEfficiency * gpu().peak_bf16.value());
  const double bandwidth = std::min(named("mla_decode_bandwidth", gpu().hbm_bandwidth.value()),
                                    kCacheBandwidth * gpu().hbm_bandwidth.value());
  return by_rule(kStart + std::max(shape.flops() / rate, shape.bytes() / bandwidth));
}

TimeEstimate CalibrationProfile::gqa_decode(const GqaDecodeShape& shape) const {
  if (const auto out = attention_.decode(shape)) return *out;
  refuse_left_out({TimedOperator::gqa_decode});
  return by_rule(kStart + std::max(shape.flops() / (kDecodeEfficiency * gpu().peak_bf16.value()),
                                   shape.bytes() / (kCacheBandwidth * gpu().hbm_bandwidth.value())));
}

}  // namespace moesim
