#include "calib/profile/transfer_curves.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {

namespace {

constexpr double kUsualSms = 20;  // more gain nothing
constexpr double kTokensWeight = 0.5;
constexpr double kExpertsWeight = 1.5;
constexpr double kHeaderBytes = 16;
constexpr double kScaleBytes = 4;
constexpr double kScaleColumns = 128;

/// Starts in seconds and the share of NVLink that a transfer reaches.
struct Law {
  double start;
  double start_across;
  double nvlink_share;
};
constexpr Law kLowLatencyDispatch{12e-6, 24e-6, 0.68};
constexpr Law kLowLatencyCombine{12e-6, 24e-6, 0.57};
constexpr Law kNormalDispatch{27e-6, 27e-6, 0.7};
constexpr Law kNormalCombine{49e-6, 49e-6, 0.7};

const Law& law_of(const TransferShape& shape) {
  if (shape.is_low_latency()) return shape.is_combine() ? kLowLatencyCombine : kLowLatencyDispatch;
  return shape.is_combine() ? kNormalCombine : kNormalDispatch;
}

ShapePlace place_of(const TransferShape& shape) {
  const double sms = shape.sms > 0 ? shape.sms : kUsualSms;
  const double share = shape.is_low_latency() ? kExpertsWeight * log_det(shape.experts) : log_det(sms);
  return {kTokensWeight * log_det(shape.tokens), log_det(shape.top_k), log_det(shape.hidden), share, 0};
}

}  // namespace

bool TransferShape::is_combine() const {
  return op == TimedOperator::combine_low_latency || op == TimedOperator::combine_normal;
}

bool TransferShape::is_low_latency() const {
  return op == TimedOperator::dispatch_low_latency || op == TimedOperator::combine_low_latency;
}

double TransferShape::row_bytes() const {
  if (is_combine()) return 2 * hidden;
  return hidden * (1 + kScaleBytes / kScaleColumns) + (is_low_latency() ? kHeaderBytes : 0);
}

double distinct_groups(double groups, double top_k) {
  if (groups <= 1) return groups;
  return groups * (1 - exp_det(top_k * log_det(1 - 1 / groups)));
}

double transfer_law(const TransferShape& shape, const TransferLinks& links) {
  const Law& law = law_of(shape);
  const double nodes = std::max(shape.ep / links.gpus_per_node, 1.0);
  const double remote = 1 - 1 / nodes;
  double nvlink = law.nvlink_share * links.nvlink;
  double rows = shape.top_k, remote_rows = shape.top_k * remote;
  if (!shape.is_low_latency()) {
    rows = distinct_groups(shape.ep, shape.top_k);
    remote_rows = distinct_groups(nodes, shape.top_k) * remote;
    if (shape.sms > 0) nvlink *= std::min(shape.sms, kUsualSms) / kUsualSms;
  }
  const double bytes = shape.tokens * shape.row_bytes();
  return (nodes > 1 ? law.start_across : law.start) +
         std::max(rows * bytes / nvlink, remote_rows * bytes / links.nic);
}

void TransferCurves::add(const TransferShape& shape, const TimeEstimate& estimate) {
  auto curve = std::lower_bound(curves_.begin(), curves_.end(), shape.ep,
                                [](const Curve& c, double ep) { return c.ep < ep; });
  if (curve == curves_.end() || curve->ep != shape.ep) curve = curves_.insert(curve, Curve{shape.ep, {}});
  curve->points.add(place_of(shape), transfer_law(shape, links_), estimate);
}

std::optional<TimeEstimate> TransferCurves::estimate(const TransferShape& shape) const {
  if (curves_.empty()) return std::nullopt;
  const auto distance = [&](const Curve& c) { return std::abs(log_det(c.ep / shape.ep)); };
  const Curve& nearest =
      *std::min_element(curves_.begin(), curves_.end(),
                        [&](const Curve& a, const Curve& b) { return distance(a) < distance(b); });
  if (nearest.points.size() < 2) return std::nullopt;
  TransferShape there = shape;
  there.ep = nearest.ep;
  const double carrier = transfer_law(there, links_);
  TimeEstimate out = nearest.points.estimate(place_of(there), carrier);
  if (nearest.ep == shape.ep) return out;
  out = scaled(out, transfer_law(shape, links_) / carrier);
  out.provenance = std::max(out.provenance, Provenance::derived);
  out.grade = std::max(out.grade, Grade::carried);
  return out;
}

TransferShape transfer_shape_of(const Entry& entry) {
  TransferShape shape{entry.op, entry.axis("ep"), entry.axis("tokens"), entry.axis("top_k"),
                      entry.axis("hidden")};
  if (const auto sms = entry.axes.find("sms"); sms != entry.axes.end()) shape.sms = sms->second;
  if (const auto experts = entry.axes.find("experts"); experts != entry.axes.end())
    shape.experts = experts->second;
  return shape;
}

}  // namespace moesim
