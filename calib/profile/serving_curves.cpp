#include "calib/profile/serving_curves.hpp"

#include <algorithm>
#include <limits>

#include "calib/profile/calibrated_operator.hpp"

namespace moesim {

namespace {

bool is_transfer(TimedOperator op) {
  return op == TimedOperator::dispatch_low_latency || op == TimedOperator::combine_low_latency ||
         op == TimedOperator::dispatch_normal || op == TimedOperator::combine_normal;
}

/// Whether the GPU has points of its own at the number of GPUs of a transfer that another GPU timed.
bool gives_way(std::span<const TimedEntry> entries, const TimedEntry& timed) {
  if (timed.estimate.provenance < Provenance::derived) return false;
  return std::any_of(entries.begin(), entries.end(), [&](const TimedEntry& other) {
    return other.entry->op == timed.entry->op && other.estimate.provenance < Provenance::derived &&
           other.entry->axis("ep") == timed.entry->axis("ep");
  });
}

/// The shortest time of the kernel and format of `like`.
double shortest(std::span<const TimedEntry> entries, const Entry& like) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [entry, estimate] : entries) {
    if (entry->op == like.op && entry->name == like.name && entry->format == like.format)
      least = std::min(least, estimate.seconds);
  }
  return least;
}

}  // namespace

ServingCurves::ServingCurves(std::span<const TimedEntry> entries, const GpuFacts& gpu,
                             const TransferLinks& links)
    : gpu_(gpu), links_(links), all_(entries) {
  for (const TimedEntry& timed : entries) {
    if (lies_on_curves(*timed.entry) && !timed.entry->bandwidth) add(timed);
  }
  if (all_reduce_) all_reduce_->make_monotone();
  all_ = {};
}

void ServingCurves::add(const TimedEntry& timed) {
  const auto& [entry, estimate] = timed;
  if (entry->op == TimedOperator::expert_mlp) {
    auto at = std::find_if(experts_.begin(), experts_.end(), [&](const Experts& e) {
      return e.kernel == entry->name && e.format == entry->format;
    });
    if (at == experts_.end())
      at = experts_.insert(at, {entry->name, entry->format, ExpertCurves(gpu_, shortest(all_, *entry))});
    at->curves.add(expert_shape_of(*entry), estimate);
  } else if (entry->op == TimedOperator::batched_gemm) {
    auto at = std::find_if(batched_.begin(), batched_.end(),
                           [&](const Batched& b) { return b.format == entry->format; });
    if (at == batched_.end())
      at = batched_.insert(at, {entry->format, BatchedGemmCurves(gpu_, shortest(all_, *entry))});
    at->curves.add(batched_shape_of(*entry), estimate);
  } else if (is_transfer(entry->op)) {
    if (gives_way(all_, timed)) return;
    auto at = std::find_if(transfers_.begin(), transfers_.end(),
                           [&](const TransferCurves& t) { return t.op() == entry->op; });
    if (at == transfers_.end()) at = transfers_.insert(at, TransferCurves(entry->op, links_));
    at->add(transfer_shape_of(*entry), estimate);
  } else if (entry->op == TimedOperator::custom_all_reduce) {
    if (!all_reduce_) all_reduce_.emplace(entry->op);
    all_reduce_->add(entry->axis("num_gpus"), {entry->axis("bytes"), estimate});
  }
}

const ServingCurves::Experts* ServingCurves::find(std::string_view kernel, NumberFormat format) const {
  const Experts* other = nullptr;
  for (const Experts& experts : experts_) {
    if (experts.kernel != kernel) continue;
    if (experts.format == format) return &experts;
    if (other == nullptr) other = &experts;
  }
  return other;
}

std::optional<TimeEstimate> ServingCurves::experts(std::string_view kernel, const ExpertShape& shape) const {
  const Experts* found = find(kernel, shape.format);
  if (found == nullptr) return std::nullopt;
  TimeEstimate out = found->curves.estimate(shape);
  if (found->format != shape.format) {
    out.grade = std::max(out.grade, Grade::carried);
    out.provenance = std::max(out.provenance, Provenance::derived);
  }
  return out;
}

std::optional<TimeEstimate> ServingCurves::transfer(const TransferShape& shape) const {
  for (const TransferCurves& curves : transfers_) {
    if (curves.op() == shape.op) return curves.estimate(shape);
  }
  return std::nullopt;
}

std::optional<TimeEstimate> ServingCurves::batched_gemm(const BatchedGemmShape& shape) const {
  for (const Batched& batched : batched_) {
    if (batched.format == shape.format) return batched.curves.estimate(shape);
  }
  return std::nullopt;
}

std::optional<TimeEstimate> ServingCurves::custom_all_reduce(double num_gpus, double bytes) const {
  if (!all_reduce_) return std::nullopt;
  return all_reduce_->estimate(num_gpus, bytes);
}

}  // namespace moesim
