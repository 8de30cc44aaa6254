#include "calib/profile/attention_curves.hpp"

#include <algorithm>

#include "base/math.hpp"

namespace moesim {

namespace {

constexpr double kBf16Bytes = 2;

// Lengths of the maps, in doublings: over them times lose their likeness. Chosen once over the tables of
// H200, B200 and GB200 by held-out error; halving or doubling all of them moves it by less than a third.
constexpr double kWidth = 0.1;  // kernels of other head widths say little
constexpr double kWork = 3, kBatch = 10, kSharing = 10, kLength = 3;
constexpr double kMlaHeads = 2, kMlaQueries = 4, kMlaBatch = 2, kMlaLength = 4, kMlaCache = 4;
constexpr double kGqaKvHeads = 3, kGqaSharing = 3, kGqaBatch = 4, kGqaLength = 4, kGqaCache = 3;

// What every kernel reaches where nothing else binds it. Assumed; those of the tables reach 0.56 to 0.66 of
// the BF16 peak and 0.79 to 0.93 of HBM bandwidth.
constexpr double kLeastRate = 0.5, kLeastBandwidth = 0.8;

double doublings(double value, double length) {
  constexpr double kLog2 = 0.693147180559945309;
  return log_det(value) / (kLog2 * length);
}

MappedShape mapped(const PrefillShape& s) {
  MappedShape out;
  out.place = {doublings(s.qk_dim + s.v_dim, kWidth), doublings(s.heads * s.batch, kWork),
               doublings(s.batch, kBatch), doublings(s.heads / s.kv_heads, kSharing),
               doublings(s.length, kLength)};
  out.flops = s.flops();
  out.bytes = s.bytes();
  out.along = s.length;
  out.curve = {s.heads, s.kv_heads, s.qk_dim, s.v_dim, s.batch};
  return out;
}

MappedShape mapped(const MlaDecodeShape& s) {
  MappedShape out;
  out.place = {doublings(s.heads * s.queries, kMlaHeads), doublings(s.queries, kMlaQueries),
               doublings(s.batch, kMlaBatch), doublings(s.length, kMlaLength),
               doublings(s.batch * s.length, kMlaCache)};
  out.flops = s.flops();
  out.bytes = s.bytes();
  out.along = s.length;
  out.curve = {s.heads, s.queries, s.batch};
  return out;
}

MappedShape mapped(const GqaDecodeShape& s) {
  MappedShape out;
  out.place = {doublings(s.head_dim, kWidth),
               doublings(s.kv_heads, kGqaKvHeads),
               doublings(s.heads / s.kv_heads, kGqaSharing),
               doublings(s.batch, kGqaBatch),
               doublings(s.length, kGqaLength),
               doublings(s.batch * s.length * s.kv_heads, kGqaCache)};
  out.flops = s.flops();
  out.bytes = s.bytes();
  out.along = s.length;
  out.curve = {s.head_dim, s.heads, s.kv_heads, s.batch, s.v_dim};
  return out;
}

PrefillShape prefill_shape(const Entry& e) {
  const double heads = e.axis("heads"), length = e.axis("length");
  if (e.op == TimedOperator::gqa_prefill) {
    const double dim = e.axis("head_dim");
    return {heads, e.axis("kv_heads"), dim, value_dim_of(dim), e.axis("batch"), length};
  }
  if (e.op == TimedOperator::mla_prefill_absorbed)
    return {heads, 1, kAbsorbedQkDim, kAbsorbedVDim, e.axis("batch"), length};
  return {heads, heads, e.axis("qk_dim"), e.axis("v_dim"), e.axes.contains("batch") ? e.axis("batch") : 1,
          length};
}

/// Grouped-query heads with values of another width run through the kernels of latent attention.
PrefillKernel kernel_of(TimedOperator op, const PrefillShape& shape) {
  if (op == TimedOperator::mla_prefill_absorbed) return PrefillKernel::absorbed;
  return op == TimedOperator::gqa_prefill && shape.qk_dim == shape.v_dim ? PrefillKernel::gqa
                                                                         : PrefillKernel::general;
}

}  // namespace

double PrefillShape::flops() const {
  return batch * heads * (qk_dim + v_dim) * length * length;
}
double PrefillShape::bytes() const {
  const bool absorbed = qk_dim == kAbsorbedQkDim && v_dim == kAbsorbedVDim;
  const double cache = absorbed ? qk_dim : qk_dim + v_dim;  // values are a part of the latent
  return kBf16Bytes * batch * length * (heads * (qk_dim + v_dim) + kv_heads * cache);
}

double MlaDecodeShape::flops() const {
  return 2 * batch * queries * heads * length * (kAbsorbedQkDim + kAbsorbedVDim);
}
double MlaDecodeShape::bytes() const {
  return batch * (length * kAbsorbedQkDim * bytes_per_element(cache) +
                  kBf16Bytes * queries * heads * (kAbsorbedQkDim + kAbsorbedVDim));
}

double GqaDecodeShape::flops() const {
  return 2 * batch * heads * (head_dim + (v_dim > 0 ? v_dim : head_dim)) * length;
}
double GqaDecodeShape::bytes() const {
  return kBf16Bytes * batch * (head_dim + (v_dim > 0 ? v_dim : head_dim)) * (kv_heads * length + heads);
}

AttentionCurves::AttentionCurves(const GpuFacts& gpu)
    : mla_decode_(kLeastRate * gpu.peak_bf16.value(), kLeastBandwidth * gpu.hbm_bandwidth.value()),
      mla_decode_fp8_(mla_decode_),
      gqa_decode_(mla_decode_) {
  for (auto& kernel : prefill_) kernel.fill(mla_decode_);
}

bool AttentionCurves::takes(TimedOperator op) {
  return op == TimedOperator::attention_prefill || op == TimedOperator::mla_prefill_absorbed ||
         op == TimedOperator::gqa_prefill || op == TimedOperator::mla_decode ||
         op == TimedOperator::gqa_decode;
}

void AttentionCurves::add(const Entry& e, const TimeEstimate& estimate) {
  if (e.op == TimedOperator::mla_decode) {
    const MlaDecodeShape shape{e.axis("heads"), e.axis("queries"), e.axis("batch"), e.axis("length"),
                               e.format};
    (e.format == NumberFormat::bf16 ? mla_decode_ : mla_decode_fp8_).add(mapped(shape), estimate);
  } else if (e.op == TimedOperator::gqa_decode) {
    const GqaDecodeShape shape{e.axis("head_dim"), e.axis("heads"), e.axis("kv_heads"), e.axis("batch"),
                               e.axis("length")};
    gqa_decode_.add(mapped(shape), estimate);
  } else {
    const bool backward = e.role != GemmRole::forward;
    const PrefillShape shape = prefill_shape(e);
    prefill_[static_cast<std::size_t>(kernel_of(e.op, shape))][backward].add(mapped(shape), estimate);
  }
}

bool AttentionCurves::has(PrefillKernel kernel, bool backward) const {
  return !prefill_[static_cast<std::size_t>(kernel)][backward].empty();
}

TimeEstimate AttentionCurves::prefill(PrefillKernel kernel, const PrefillShape& shape, bool backward) const {
  PrefillShape whole = shape;
  whole.batch = std::max(1.0, shape.batch);
  const KrigedTimes& times = prefill_[static_cast<std::size_t>(kernel)][backward];
  PrefillShape utilised = whole;
  utilised.length = std::min(whole.length, times.longest());
  const TimeEstimate out = times.estimate(mapped(whole), mapped(utilised));
  return whole.batch == shape.batch ? out : scaled(out, shape.batch / whole.batch);
}

std::optional<TimeEstimate> AttentionCurves::decode(const MlaDecodeShape& shape) const {
  const bool fp8 = shape.cache != NumberFormat::bf16 && !mla_decode_fp8_.empty();
  if (fp8) return mla_decode_fp8_.estimate(mapped(shape));
  if (mla_decode_.empty()) return std::nullopt;
  MlaDecodeShape timed = shape;
  timed.cache = NumberFormat::bf16;
  TimeEstimate out = mla_decode_.estimate(mapped(timed));
  if (shape.cache == NumberFormat::bf16) return out;
  out.provenance = std::max(out.provenance, Provenance::derived);
  out.grade = std::max(out.grade, Grade::carried);
  return out;
}

std::optional<TimeEstimate> AttentionCurves::decode(const GqaDecodeShape& shape) const {
  if (gqa_decode_.empty()) return std::nullopt;
  return gqa_decode_.estimate(mapped(shape));
}

}  // namespace moesim
