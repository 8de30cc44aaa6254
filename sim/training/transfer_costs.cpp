#include "sim/training/transfer_costs.hpp"

#include <algorithm>
#include <string_view>

#include "sim/network/all_to_all.hpp"
#include "sim/training/split_collectives.hpp"

namespace moesim {
namespace {

/// One FP32 scale for this many FP8 values.
constexpr double kValuesPerScale = 128;

SyncScope scope_of(const Stack& stack, std::string_view phase) {
  for (const SyncPoint& point : stack.sync_points) {
    if (point.phase != phase) continue;
    switch (point.members) {
      case SyncMembers::none:
        return SyncScope::none;
      case SyncMembers::expert_group:
        return SyncScope::expert_group;
      case SyncMembers::all:
        return SyncScope::all;
    }
  }
  return SyncScope::none;
}

bool host_waits(const Stack& stack, std::string_view phase) {
  return std::any_of(stack.sync_points.begin(), stack.sync_points.end(),
                     [&](const SyncPoint& point) { return point.phase == phase && point.host_waits; });
}

TimedOperator timed_operator(TransferKind kind) {
  return kind == TransferKind::dispatch ? TimedOperator::dispatch_normal : TimedOperator::combine_normal;
}

/// Tokens per GPU at which the published bandwidths of normal transfers were measured (DeepEP readme).
constexpr double kMeasuredTokens = 4096;

/// The published table counts expert-parallel GPUs, 8 a node; what sets a rate is the number of nodes.
constexpr int kMeasuredGpusPerNode = 8;

/// Time of a balanced transfer alone: `start` and a part that grows with tokens from the published point.
/// Published bandwidths count a token once per node that it reaches, its own included (DeepEP
/// tests/test_internode.py), and once per rank inside a node.
Seconds measured_alone(const TrainingInputs& inputs, const RoutedLoad& load, TransferKind kind,
                       bool inside_node, Seconds start) {
  const int num_nodes = inside_node ? 1 : inputs.group.num_nodes;
  const auto bandwidth =
      inputs.profile->all_to_all_bandwidth(timed_operator(kind), kMeasuredGpusPerNode * num_nodes);
  const double copies = kMeasuredTokens * (inside_node ? load.ranks_per_token : load.nodes_per_token);
  const Seconds published = bytes_per_copy(inputs, kind) * copies / bandwidth;
  return start + (published - start) * (inputs.local_tokens() * load.kept() / kMeasuredTokens);
}

bool is_nccl(const TrainingInputs& inputs) {
  return inputs.stack.all_to_all.backend == AllToAllBackend::nccl;
}

/// Rows that a GPU sends where every choice of a token is sent for itself.
double sent_rows(const TrainingInputs& inputs, const RoutedLoad& load) {
  return inputs.local_tokens() * inputs.model().top_k * load.rows_over_chosen;
}

GroupSpan expert_span(const TrainingInputs& inputs) {
  return inputs.plan.groups.span(GroupKind::expert, inputs.cluster().gpus_per_node);
}

/// Megatron-LM's alltoall dispatcher: inside a node as NCCL was timed, where it was; else bytes per port over
/// the rate that the stack says of them.
CollectiveCost nccl_transfer_cost(const TrainingInputs& inputs, const RoutedLoad& load, TransferKind kind) {
  const GroupSpan span = expert_span(inputs);
  const Bytes row = bytes_per_copy(inputs, kind);
  const double rows = sent_rows(inputs, load);
  if (span.num_nodes == 1) {
    const auto timed = timed_by_nccl(inputs, TimedOperator::all_to_all, span.size, row * rows);
    if (timed) return *timed;
  }
  const double rate = inputs.stack.value_or("all_to_all_rate", inputs.profile->excluded(), 1);
  return flat_all_to_all_cost({.rows = rows,
                               .bytes_per_row = row / rate,
                               .num_ranks = span.size,
                               .members_per_node = span.members_per_node,
                               .latency = Seconds(inputs.constant("transfer_start")),
                               .nic_max_over_mean = load.rank_max_over_mean});
}

/// Whether the profile has published bandwidths of normal transfers.
bool has_published(const CalibrationProfile& profile, TransferKind kind) {
  return std::ranges::any_of(profile.entries(), [&](const Entry& entry) {
    return entry.op == timed_operator(kind) && entry.regime == Regime::isolated && entry.bandwidth;
  });
}

/// Prices one of the four transfers.
class TransferPricer {
 public:
  TransferPricer(const TrainingInputs& inputs, const RoutedLoad& load, bool paired, CostTable& table)
      : inputs_(inputs), load_(load), paired_(paired), table_(table) {}

  std::uint32_t price(Phase phase, TransferKind kind, double cast_s) {
    const Stack& stack = inputs_.stack;
    if (inputs_.layout().ep == 1) return table_.add({.phase = phase}, {.derived = 1});
    const CollectiveCost transfer = transfer_cost(inputs_, load_, kind);
    OperationCost cost;
    cost.phase = phase;
    cost.sync = scope_of(stack, to_string(phase));
    // Padded to a capacity, the sizes of messages are known beforehand.
    cost.host_waits = host_waits(stack, to_string(phase)) && !inputs_.recipe().capacity_padded;
    cost.holds_sms = stack.all_to_all.num_sms > 0;
    cost.expert_share = load_.share_of_excess;
    cost.delay_s = transfer.latency.value() + cast_s + addition_s() + permute_s(kind);
    if (cost.host_waits) cost.delay_s += inputs_.constant("host_wait");
    cost.nic_B = transfer.nic.value();
    cost.nvlink_B = transfer.nvlink.value();
    cost.tail_nvlink_B = transfer.tail.value();
    const double launch = inputs_.constant("launch");
    cost.issue_s = stack.num_kernels_of(to_string(phase)) * launch;
    cost.first_issue_s = std::min(cost.issue_s, launch);
    return table_.add(cost, origin(kind, cost, transfer));
  }

 private:
  /// Rows of a flat all-to-all are put in the order of their ranks before it, or summed into tokens behind
  /// it.
  [[nodiscard]] double permute_s(TransferKind kind) const {
    if (!is_nccl(inputs_)) return 0;
    const Bytes rows = bytes_per_copy(inputs_, kind) * sent_rows(inputs_, load_);
    const Bytes tokens = bytes_per_copy(inputs_, kind) * inputs_.local_tokens();
    return inputs_.profile->small(kind == TransferKind::dispatch ? rows * 2 : rows + tokens).seconds;
  }

  [[nodiscard]] double addition_s() const {
    if (!paired_ || inputs_.group.num_nodes == 1 || is_nccl(inputs_)) return 0;
    const double row_B = static_cast<double>(inputs_.model().hidden) * bytes_per_element(NumberFormat::bf16);
    return inputs_.constant("transfer_overlap_addition") * inputs_.local_tokens() * row_B;
  }

  /// Bytes are scaled to a published time, or counted where there is none; start and addition have the
  /// stack's provenance, casts are assumed. What NCCL was timed at has its entries' provenance, start
  /// included.
  [[nodiscard]] ProvenanceFractions origin(TransferKind kind, const OperationCost& cost,
                                           const CollectiveCost& transfer) const {
    const SourceSet& excluded = inputs_.profile->excluded();
    const auto timed = provenance_by_nccl(kind);
    const bool counted = is_nccl(inputs_) || !has_published(inputs_.profile, kind);
    ProvenanceAccount account;
    account.add((time_alone(transfer, cluster_ports(inputs_.cluster())) - transfer.latency).value(),
                timed.value_or(counted ? Provenance::derived : Provenance::published));
    account.add(transfer.latency.value(),
                timed ? *timed : inputs_.stack.constant("transfer_start", excluded).provenance);
    const double addition = addition_s();
    account.add(addition, inputs_.stack.constant("transfer_overlap_addition", excluded).provenance);
    account.add(std::max(0.0, cost.delay_s - transfer.latency.value() - addition), Provenance::assumed);
    return account.fractions();
  }

  /// Of the time inside one node that the profile has of NCCL; nothing where it is not taken.
  [[nodiscard]] std::optional<Provenance> provenance_by_nccl(TransferKind kind) const {
    const GroupSpan span = expert_span(inputs_);
    if (!is_nccl(inputs_) || span.num_nodes > 1) return std::nullopt;
    const Bytes bytes = bytes_per_copy(inputs_, kind) * sent_rows(inputs_, load_);
    const auto timed = inputs_.profile->nccl_time(TimedOperator::all_to_all, span.size, bytes);
    return timed ? std::optional(timed->provenance) : std::nullopt;
  }

  const TrainingInputs& inputs_;
  const RoutedLoad& load_;
  bool paired_;
  CostTable& table_;
};

}  // namespace

Bytes bytes_per_copy(const TrainingInputs& inputs, TransferKind kind) {
  const AllToAll& all_to_all = inputs.stack.all_to_all;
  const NumberFormat format =
      kind == TransferKind::dispatch ? all_to_all.dispatch_format : all_to_all.combine_format;
  const double scales = is_fp8(format) ? 4 / kValuesPerScale : 0;
  return Bytes(static_cast<double>(inputs.model().hidden) * (bytes_per_element(format) + scales));
}

PortSpeeds calibrated_ports(const CalibrationProfile& profile) {
  return {profile.link_bandwidth("nic_usable"), profile.link_bandwidth("nvlink_usable")};
}

PortSpeeds cluster_ports(const ClusterSpec& cluster) {
  return {cluster.nic.usable(), cluster.nvlink.bandwidth};
}

CollectiveCost transfer_cost(const TrainingInputs& inputs, const RoutedLoad& load, TransferKind kind) {
  if (is_nccl(inputs)) return nccl_transfer_cost(inputs, load, kind);
  AllToAllDemand demand;
  demand.tokens = inputs.local_tokens() * load.kept();
  demand.bytes_per_copy = bytes_per_copy(inputs, kind);
  demand.num_ranks = inputs.layout().ep;
  demand.num_nodes = inputs.group.num_nodes;
  demand.chunks = inputs.stack.all_to_all.num_chunks;
  demand.latency = Seconds(inputs.constant("transfer_start"));
  demand.load = load;
  demand.load.rank_max_over_mean = 1;  // follows each GPU's expert load in the engine
  demand.load.node_max_over_mean = 1;
  CollectiveCost cost = all_to_all_cost(demand);
  if (!has_published(inputs.profile, kind)) {  // by counting bytes
    cost.nic = cost.nic * load.nic_max_over_mean;
    return cost;
  }
  const bool inside_node = demand.num_nodes == 1;
  const PortSpeeds ports = calibrated_ports(inputs.profile);
  const Seconds alone = measured_alone(inputs, load, kind, inside_node, demand.latency);
  CollectiveCost scaled = calibrated(cost, ports, alone);
  scaled.nic = scaled.nic * load.nic_max_over_mean;
  return scaled;
}

std::optional<CollectiveCost> timed_by_nccl(const TrainingInputs& inputs, TimedOperator op, int num_gpus,
                                            Bytes bytes) {
  constexpr Bytes kSmallest(512);
  const auto whole = inputs.profile->nccl_time(op, num_gpus, bytes);
  if (!whole) return std::nullopt;
  const double start = std::min(whole->seconds, inputs.profile->nccl_time(op, num_gpus, kSmallest)->seconds);
  CollectiveCost cost;
  cost.latency = Seconds(start);
  cost.nvlink = inputs.profile->link_bandwidth("nvlink_usable") * Seconds(whole->seconds - start);
  return cost;
}

TransferCosts price_transfers(const TrainingInputs& inputs, const RoutedLoad& load, const LayerWork& work,
                              bool paired, CostTable& table) {
  TransferPricer pricer(inputs, load, paired, table);
  TransferCosts costs;
  costs.dispatch_forward =
      pricer.price(Phase::dispatch_forward, TransferKind::dispatch, work.dispatch_cast_s);
  costs.combine_forward = pricer.price(Phase::combine_forward, TransferKind::combine, 0);
  costs.dispatch_backward = pricer.price(Phase::dispatch_backward, TransferKind::combine, 0);
  costs.combine_backward = pricer.price(Phase::combine_backward, TransferKind::dispatch, work.combine_cast_s);
  if (inputs.layout().etp > 1) add_expert_collectives(inputs, load, table, costs);
  return costs;
}

}  // namespace moesim
