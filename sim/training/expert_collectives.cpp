// Rows of experts that are split over an expert-tensor-parallel group.
#include "sim/training/split_collectives.hpp"
#include "sim/training/transfer_costs.hpp"

namespace moesim {
namespace {

/// Rows that a GPU gets from dispatch: one per choice of a token from NCCL, else one per token and GPU.
double received_rows(const TrainingInputs& inputs, const RoutedLoad& load) {
  const double tokens = inputs.local_tokens();
  if (inputs.stack.all_to_all.backend == AllToAllBackend::nccl)
    return tokens * inputs.model().top_k * load.rows_over_chosen;
  return tokens * load.ranks_per_token * load.kept();
}

std::uint32_t price(const TrainingInputs& inputs, const RoutedLoad& load, Phase phase, GroupCollective kind,
                    TransferKind rows, CostTable& table) {
  const double members = inputs.layout().etp;
  const Bytes whole = bytes_per_copy(inputs, rows) * (received_rows(inputs, load) * members);
  const CollectiveCost collective = group_cost(inputs, GroupKind::expert_tensor, kind, whole);
  OperationCost cost;
  cost.phase = phase;
  cost.holds_sms = inputs.stack.all_to_all.num_sms > 0;
  cost.expert_share = load.share_of_excess;
  cost.delay_s = collective.latency.value();
  cost.nic_B = collective.nic.value();
  cost.nvlink_B = collective.nvlink.value();
  cost.issue_s = cost.first_issue_s = inputs.constant("launch");
  return table.add(cost, {.derived = 1});
}

}  // namespace

void add_expert_collectives(const TrainingInputs& inputs, const RoutedLoad& load, CostTable& table,
                            TransferCosts& costs) {
  const auto gather = [&](Phase phase) {
    return price(inputs, load, phase, GroupCollective::all_gather, TransferKind::dispatch, table);
  };
  const auto reduce = [&](Phase phase) {
    return price(inputs, load, phase, GroupCollective::reduce_scatter, TransferKind::combine, table);
  };
  costs.gather_forward = gather(Phase::expert_tensor_forward);
  costs.reduce_forward = reduce(Phase::expert_tensor_forward);
  costs.gather_backward = gather(Phase::expert_tensor_backward);
  costs.reduce_backward = reduce(Phase::expert_tensor_backward);
}

}  // namespace moesim
