#include "calib/kernels/collectives/token_transfer.hpp"

#include <algorithm>

#include "calib/measure/random_routing.hpp"

namespace moesim {
namespace {

constexpr int kDefaultBlocks = 24;

/// Where the counts lie in the window: behind the rows.
std::size_t counts_offset(const TransferShape& shape) {
  return (shape.num_rows() * shape.format.bytes() + 127) / 128 * 128;
}

int counts_per_rank(const TransferShape& shape) {
  return shape.low_latency ? shape.experts_per_rank() : 1;
}

std::size_t window_bytes(const TransferShape& shape) {
  return counts_offset(shape) + sizeof(int) * static_cast<std::size_t>(counts_per_rank(shape) * shape.ranks);
}

}  // namespace

TransferShape transfer_shape(const MeasuredCase& point) {
  TransferShape shape;
  shape.ranks = static_cast<int>(point.axis("ep"));
  shape.tokens = static_cast<int>(point.axis("tokens"));
  shape.top_k = static_cast<int>(point.axis("top_k"));
  shape.experts = static_cast<int>(point.setting("experts", 256));
  shape.exponent = point.setting("exponent", 0);
  shape.low_latency =
      point.op == TimedOperator::dispatch_low_latency || point.op == TimedOperator::combine_low_latency;
  shape.format = {static_cast<int>(point.axis("hidden")), point.format == NumberFormat::fp8};
  const auto sms = point.axes.find("sms");
  shape.blocks =
      static_cast<int>(sms != point.axes.end() ? sms->second : point.setting("sms", kDefaultBlocks));
  return shape;
}

TokenTransfer::TokenTransfer(const TransferShape& shape, Communicator& communicator, std::uint64_t seed)
    : shape_(shape),
      communicator_(communicator),
      seed_(seed),
      expected_counts_(static_cast<std::size_t>(counts_per_rank(shape) * shape.ranks)),
      window_(communicator, window_bytes(shape)) {
  for (int source = 0; source < shape.ranks; ++source) route(source);
  device_targets_ = DeviceBuffer<CopyTarget>(std::span<const CopyTarget>(targets_.targets));
  device_counts_ = DeviceBuffer<int>(std::span<const int>(counts_));
  exchange_.window = window_.window();
  exchange_.targets = device_targets_.data();
  exchange_.counts = device_counts_.data();
  exchange_.counts_per_rank = counts_per_rank(shape);
  exchange_.counts_offset = counts_offset(shape);
  exchange_.tokens = shape.tokens;
  exchange_.top_k = shape.top_k;
  exchange_.format = shape.format;
}

void TokenTransfer::route(int source) {
  const int rank = communicator_.rank();
  const auto experts = communicator_.routing().experts({shape_.experts, 1, 1, shape_.top_k, shape_.exponent},
                                                       shape_.tokens, seed_, source);
  const auto make_targets = shape_.low_latency ? targets_by_expert : targets_by_rank;
  CopyTargets targets = make_targets(experts, shape_.top_k, shape_.experts, shape_.ranks, source);
  for (std::size_t i = 0; i < targets.targets.size(); ++i) {
    if (targets.targets[i].rank != rank) continue;
    origins_.push_back({targets.targets[i].row, source, static_cast<int>(i) / shape_.top_k});
  }
  const auto counts = shape_.low_latency ? tokens_per_expert(experts, shape_.experts) : targets.rows_to;
  const auto per_rank = static_cast<std::size_t>(counts_per_rank(shape_));
  for (std::size_t c = 0; c < per_rank; ++c) {
    expected_counts_[c * static_cast<std::size_t>(shape_.ranks) + static_cast<std::size_t>(source)] =
        counts[static_cast<std::size_t>(rank) * per_rank + c];
  }
  if (source != rank) return;
  targets_ = std::move(targets);
  counts_ = counts;
}

double TokenTransfer::rows_sent_to_others() const {
  return static_cast<double>(std::count_if(targets().begin(), targets().end(), [&](const CopyTarget& target) {
    return target.rank >= 0 && target.rank != communicator_.rank();
  }));
}

double TokenTransfer::rows_from_others() const {
  return static_cast<double>(std::count_if(origins_.begin(), origins_.end(), [&](const RowOrigin& origin) {
    return origin.source != communicator_.rank();
  }));
}

std::vector<int> TokenTransfer::arrived_counts() {
  std::vector<int> counts(expected_counts_.size());
  check(cudaMemcpy(counts.data(), window_.local() + exchange_.counts_offset, counts.size() * sizeof(int),
                   cudaMemcpyDeviceToHost));
  return counts;
}

}  // namespace moesim
