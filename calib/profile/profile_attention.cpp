// Attention of a profile.
#include <algorithm>

#include "calib/profile/profile.hpp"

namespace moesim {

double AttentionShape::flops() const {
  const double pairs = queries * cached + queries * queries * (causal ? 0.5 : 1.0);
  return 2.0 * sequences * heads * (qk_dim + v_dim) * pairs;
}

void CalibrationProfile::add_attention(const Entry& entry) {
  if (entry.op == TimedOperator::gqa_prefill) {
    gqa_.add({entry.axis("heads"), entry.axis("kv_heads"), entry.axis("head_dim"), entry.axis("length"),
              entry.axis("batch")},
             estimate_of(entry));
    return;
  }
  const std::pair dims(entry.axis("qk_dim"), entry.axis("v_dim"));
  auto at =
      std::find_if(attention_.begin(), attention_.end(), [&](const auto& row) { return row.first == dims; });
  if (at == attention_.end()) at = attention_.insert(attention_.end(), {dims, {}});
  at->second.push_back({entry.axis("length"), entry.axis("heads"), estimate_of(entry)});
}

void CalibrationProfile::sort_attention() {
  for (auto& [dims, points] : attention_) {
    std::stable_sort(points.begin(), points.end(),
                     [](const AttentionPoint& a, const AttentionPoint& b) { return a.length < b.length; });
  }
}

bool CalibrationProfile::answers_gqa(const AttentionShape& shape) const {
  return shape.kv_heads > 0 && shape.qk_dim == shape.v_dim && !gqa_.empty();
}

/// The time of the same queries without past and mask, at a shape that was timed; `shape` becomes that one.
TimeEstimate CalibrationProfile::past_free_attention(AttentionShape& shape) const {
  shape.cached = 0;
  shape.causal = true;
  if (answers_gqa(shape)) {
    return gqa_.estimate({shape.heads, shape.kv_heads, shape.qk_dim, shape.queries, shape.sequences});
  }
  if (attention_.empty()) fail("no attention_prefill entry is left", "leave out fewer sources");
  auto at = std::find_if(attention_.begin(), attention_.end(),
                         [&](const auto& row) { return row.first == std::pair(shape.qk_dim, shape.v_dim); });
  if (at == attention_.end()) at = attention_.begin();
  shape.qk_dim = at->first.first;
  shape.v_dim = at->first.second;
  shape.sequences = 1;
  return attention_time(at->second, shape.heads, shape.queries);
}

TimeEstimate CalibrationProfile::attention(const AttentionShape& shape, AttentionRole role) const {
  AttentionShape timed = shape;
  auto out = past_free_attention(timed);
  const double factor = shape.flops() / timed.flops();
  if (factor != 1.0) out = scaled(out, factor);
  if (timed.qk_dim != shape.qk_dim || timed.v_dim != shape.v_dim || shape.cached > 0 || !shape.causal)
    out.provenance = std::max(out.provenance, Provenance::derived);
  if (role == AttentionRole::forward) return out;
  const auto ratio = constant(answers_gqa(shape) ? "gqa_backward_ratio" : "attention_backward_ratio");
  return {out.seconds * ratio.value, std::max(out.provenance, ratio.provenance), out.source,
          out.p10 * ratio.low, out.p90 * ratio.high};
}

}  // namespace moesim
