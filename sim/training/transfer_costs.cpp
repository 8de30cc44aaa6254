#include "sim/training/transfer_costs.hpp"

#include <algorithm>
#include <string_view>

#include "sim/network/all_to_all.hpp"

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
      inputs.profile.all_to_all_bandwidth(timed_operator(kind), kMeasuredGpusPerNode * num_nodes);
  const double copies = kMeasuredTokens * (inside_node ? load.ranks_per_token : load.nodes_per_token);
  const Seconds published = bytes_per_copy(inputs, kind) * copies / bandwidth;
  return start + (published - start) * (inputs.tokens() / kMeasuredTokens);
}

/// Prices one of the four transfers.
class TransferPricer {
 public:
  TransferPricer(const TrainingInputs& inputs, const RoutedLoad& load, bool paired, CostTable& table)
      : inputs_(inputs), load_(load), paired_(paired), table_(table) {}

  std::uint32_t price(Phase phase, TransferKind kind, double cast_s) {
    const Stack& stack = inputs_.stack;
    const CollectiveCost transfer = transfer_cost(inputs_, load_, kind);
    OperationCost cost;
    cost.phase = phase;
    cost.sync = scope_of(stack, to_string(phase));
    cost.host_waits = host_waits(stack, to_string(phase));
    cost.holds_sms = stack.all_to_all.num_sms > 0;
    cost.expert_share = 1;
    cost.delay_s = transfer.latency.value() + cast_s + addition_s();
    if (cost.host_waits) cost.delay_s += inputs_.constant("host_wait");
    cost.nic_B = transfer.nic.value();
    cost.nvlink_B = transfer.nvlink.value();
    cost.tail_nvlink_B = transfer.tail.value();
    const double launch = inputs_.constant("launch");
    cost.issue_s = stack.num_kernels_of(to_string(phase)) * launch;
    cost.first_issue_s = std::min(cost.issue_s, launch);
    return table_.add(cost, origin(cost, transfer));
  }

 private:
  [[nodiscard]] double addition_s() const {
    if (!paired_ || inputs_.group.num_nodes == 1) return 0;
    const double row_B = static_cast<double>(inputs_.model().hidden) * bytes_per_element(NumberFormat::bf16);
    return inputs_.constant("transfer_overlap_addition") * inputs_.tokens() * row_B;
  }

  /// Bytes are scaled to a published time; start and addition have the stack's provenance, casts are assumed.
  [[nodiscard]] ProvenanceFractions origin(const OperationCost& cost, const CollectiveCost& transfer) const {
    const SourceSet& excluded = inputs_.profile.excluded();
    ProvenanceAccount account;
    account.add((time_alone(transfer, cluster_ports(inputs_.cluster())) - transfer.latency).value(),
                Provenance::published);
    account.add(transfer.latency.value(), inputs_.stack.constant("transfer_start", excluded).provenance);
    const double addition = addition_s();
    account.add(addition, inputs_.stack.constant("transfer_overlap_addition", excluded).provenance);
    account.add(std::max(0.0, cost.delay_s - transfer.latency.value() - addition), Provenance::assumed);
    return account.fractions();
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
  const double scales = format == NumberFormat::fp8 ? 4 / kValuesPerScale : 0;
  return Bytes(static_cast<double>(inputs.model().hidden) * (bytes_per_element(format) + scales));
}

PortSpeeds calibrated_ports(const CalibrationProfile& profile) {
  return {profile.link_bandwidth("nic_usable"), profile.link_bandwidth("nvlink_usable")};
}

PortSpeeds cluster_ports(const ClusterSpec& cluster) {
  return {cluster.nic.usable(), cluster.nvlink.bandwidth};
}

CollectiveCost transfer_cost(const TrainingInputs& inputs, const RoutedLoad& load, TransferKind kind) {
  AllToAllDemand demand;
  demand.tokens = inputs.tokens();
  demand.bytes_per_copy = bytes_per_copy(inputs, kind);
  demand.num_ranks = inputs.layout().ep;
  demand.num_nodes = inputs.group.num_nodes;
  demand.chunks = inputs.stack.all_to_all.num_chunks;
  demand.latency = Seconds(inputs.constant("transfer_start"));
  demand.load = load;
  demand.load.rank_max_over_mean = 1;  // follows each GPU's expert load in the engine
  demand.load.node_max_over_mean = 1;
  const CollectiveCost cost = all_to_all_cost(demand);
  const bool inside_node = demand.num_nodes == 1;
  const PortSpeeds ports = calibrated_ports(inputs.profile);
  const Seconds alone = measured_alone(inputs, load, kind, inside_node, demand.latency);
  CollectiveCost scaled = calibrated(cost, ports, alone);
  scaled.nic = scaled.nic * load.node_max_over_mean;
  return scaled;
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
  return costs;
}

}  // namespace moesim
