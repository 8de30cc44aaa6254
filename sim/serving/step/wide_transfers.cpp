#include "sim/serving/step/wide_transfers.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim {

namespace {

constexpr double kTimedGpusPerNode = 8;  // of the published tables
constexpr double kTimedNodes = 4;        // that a token reaches in DeepEP's own tests, at most
constexpr double kNvlinkShare = 0.7;     // of its datasheet that a normal transfer reaches
constexpr double kUsualSms = 20;
constexpr double kKernelFloor = 5e-6;  // assumed: 5 to 15 us a kernel at usual loads

std::optional<double> timed_link(const CalibrationProfile& profile, std::string_view name) {
  for (const Entry& entry : profile.entries())
    if (entry.op == TimedOperator::link && entry.name == name && entry.bandwidth)
      return entry.bandwidth->value();
  return std::nullopt;
}

TransferLinks links_of_profile(const CalibrationProfile& profile) {
  return {profile.gpu().nvlink_bandwidth.value(), timed_link(profile, "nic_usable").value_or(kUsualNic),
          kTimedGpusPerNode};
}

/// NVLink of laws is that of the datasheet: that of the profile in proportion to usable bandwidths.
TransferLinks links_of_cluster(const ClusterSpec& cluster, const CalibrationProfile& profile) {
  TransferLinks links = links_of_profile(profile);
  links.nic = cluster.nic.usable().value();
  if (const auto usable = timed_link(profile, "nvlink_usable"))
    links.nvlink *= cluster.nvlink.bandwidth.value() / *usable;
  return links;
}

/// Whether transfers of this kind were timed between nodes, as times or as bandwidths.
bool is_timed(const CalibrationProfile& profile, TimedOperator op, double least_ep, bool bandwidth) {
  return std::ranges::any_of(profile.entries(), [&](const Entry& entry) {
    return entry.op == op && entry.regime == Regime::isolated && entry.bandwidth.has_value() == bandwidth &&
           entry.axis("ep") >= least_ep;
  });
}

Provenance provenance_of_bandwidths(const CalibrationProfile& profile, TimedOperator op) {
  for (const Entry& entry : profile.entries())
    if (entry.op == op && entry.bandwidth) return std::max(entry.provenance, Provenance::derived);
  return Provenance::assumed;
}

}  // namespace

WideTransfers::WideTransfers(const UnitCostInput& input, const WideUnit& unit)
    : input_(input),
      unit_(unit),
      timed_(links_of_profile(*input.profile)),
      links_(links_of_cluster(*input.cluster, *input.profile)),
      num_sms_(input.stack->serving->prefill.num_sms) {
  const SourceSet& excluded = input.profile->excluded();
  addition_ = input.stack->value_or("transfer_overlap_addition", excluded, 0);
  kernel_floor_ = input.stack->value_or("low_latency_kernels", excluded, kKernelFloor);
}

TransferShape WideTransfers::shape(double tokens, bool combine, bool low_latency) const {
  using enum TimedOperator;
  TransferShape out;
  out.op = low_latency ? (combine ? combine_low_latency : dispatch_low_latency)
                       : (combine ? combine_normal : dispatch_normal);
  out.ep =
      unit_.nodes > 1 ? kTimedGpusPerNode * unit_.nodes : std::min<double>(unit_.gpus, kTimedGpusPerNode);
  out.tokens = tokens / unit_.tp;
  out.top_k = unit_.top_k;
  out.hidden = unit_.hidden;
  out.sms = low_latency ? 0 : num_sms_;
  out.experts = unit_.slots * unit_.gpus;
  return out;
}

double WideTransfers::kernel_seconds(double tokens, bool combine) const {
  const TransferShape at = shape(tokens, combine, true);
  // A dispatch reads BF16 rows and writes them quantised, then copies received rows; a combine copies rows
  // of experts to where they are sent from, then reads and adds them.
  const double received = at.tokens * at.top_k * at.row_bytes();
  const double own = at.tokens * 2 * at.hidden;
  const double bytes = combine ? 3 * received + own : own + 2 * received;
  const CalibrationProfile& profile = *input_.profile;
  const double bandwidth = profile.value("small_kernel_bandwidth") * profile.gpu().hbm_bandwidth.value();
  return (2 * kernel_floor_ + bytes / bandwidth) * input_.pool->kernel_slowdown;
}

TimeEstimate WideTransfers::low_latency_at(const TransferShape& at) const {
  return input_.profile->low_latency(at.op, at.ep, at.tokens, at.top_k, at.hidden, at.experts);
}

TransferTime WideTransfers::low_latency(const TransferLoad& load, bool combine) const {
  if (load.tokens <= 0) return {};
  TransferShape at = shape(load.tokens, combine, true);
  const double ep = at.ep;
  const double kernels = kernel_seconds(load.tokens, combine);
  at.tokens *= load.gpu_ratio;
  const double doublings = std::log2(ep);
  at.ep = std::exp2(std::floor(doublings));
  TimeEstimate low = low_latency_at(at);
  const double part = doublings - std::floor(doublings);
  if (part > 0) {
    at.ep *= 2;
    const TimeEstimate high = low_latency_at(at);
    low.seconds *= exp_det(part * log_det(high.seconds / low.seconds));
    low.provenance = std::max({low.provenance, high.provenance, Provenance::derived});
  }
  at.ep = ep;
  const double carried = transfer_law(at, links_) / transfer_law(at, timed_);
  return {std::max(low.seconds * carried, kernels), kernels, low.provenance};
}

double WideTransfers::over_nvlink(const TransferShape& at, const TransferLinks& links) {
  const double share = kNvlinkShare * (at.sms > 0 ? std::min(at.sms, kUsualSms) / kUsualSms : 1);
  return at.row_bytes() / (share * links.nvlink);
}

WideTransfers::Anchor WideTransfers::anchor(const TransferShape& at) const {
  const CalibrationProfile& profile = *input_.profile;
  Anchor out;
  TransferShape none = at;
  none.tokens = 0;
  out.start = transfer_law(none, timed_);
  const double nodes = std::min<double>(unit_.nodes, kTimedNodes);
  const double gpus = distinct_groups(at.ep, at.top_k);
  const double reached = distinct_groups(nodes, at.top_k);
  const bool across = unit_.nodes > 1;
  const double least = across ? kTimedGpusPerNode + 1 : 0;
  double measured = 0, remote = 0;
  if (!is_timed(profile, at.op, least, false) && is_timed(profile, at.op, least, true)) {
    const double copies = across ? reached : gpus;
    const double bandwidth = profile.all_to_all_bandwidth(at.op, at.ep).value();
    measured = out.start + std::max(0.0, at.tokens * at.row_bytes() * copies / bandwidth - out.start);
    remote = reached * (1 - 1.0 / unit_.nodes);
    out.provenance = provenance_of_bandwidths(profile, at.op);
  } else {
    TransferShape timed = at;
    timed.ep = across ? kTimedGpusPerNode * nodes : at.ep;
    const TimeEstimate estimate = profile.normal_transfer(timed);
    measured = estimate.seconds;
    remote = reached * (1 - 1 / nodes);
    out.provenance = estimate.provenance;
  }
  const double law =
      at.tokens * std::max(remote * at.row_bytes() / timed_.nic, gpus * over_nvlink(at, timed_));
  out.start = std::min(out.start, measured);
  out.ratio = (measured - out.start) / law;
  return out;
}

WideTransfers::Normal WideTransfers::normal(double tokens, bool combine, bool beside_computation) const {
  if (tokens <= 0) return {};
  const TransferShape at = shape(tokens, combine, false);
  const Anchor timed = anchor(at);
  const double rows = at.tokens * timed.ratio;
  const double added = beside_computation && unit_.nodes > 1 ? addition_ * at.tokens * 2 * unit_.hidden : 0.0;
  return {timed.start + added, rows * unit_.remote_nodes * at.row_bytes() / links_.nic,
          rows * unit_.gpus_per_token * over_nvlink(at, links_), timed.provenance};
}

}  // namespace moesim
