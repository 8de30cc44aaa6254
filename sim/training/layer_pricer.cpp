#include "sim/training/layer_pricer.hpp"

#include <algorithm>

#include "sim/training/transfer_costs.hpp"

namespace moesim {
namespace {

/// Whether a transfer waits for the phase when nothing else runs beside it.
bool meets_peers(Phase phase) {
  return phase == Phase::attention_forward || phase == Phase::mlp_forward || phase == Phase::mlp_backward ||
         phase == Phase::attention_backward || phase == Phase::attention_recompute ||
         phase == Phase::mlp_recompute;
}

/// What a pair takes longer than the kernels alone is fitted.
ProvenanceFractions paired_origin(const PhaseWork& work) {
  if (work.paired_s <= 0) return work.origin;
  const double alone = work.alone_s / work.paired_s;
  ProvenanceFractions origin = work.origin;
  for (double* share : {&origin.measured, &origin.published, &origin.derived, &origin.assumed})
    *share *= alone;
  origin.assumed += 1 - alone;
  return origin;
}

}  // namespace

LayerPricer::LayerPricer(const TrainingInputs& inputs, const LayerLoads& loads, CostTable& table,
                         double alone_slowdown)
    : inputs_(inputs),
      loads_(loads),
      table_(table),
      alone_slowdown_(alone_slowdown),
      moe_(loads.distinct().size()),
      recomputed_moe_(loads.distinct().size()) {}

StageItem LayerPricer::layer(LayerKind kind, int index, bool recomputed) {
  const bool dense = kind == LayerKind::dense;
  const std::size_t which = dense ? 0 : loads_.index_of(index - inputs_.model().num_dense_layers);
  const RoutedLoad& load = loads_.distinct()[which];
  std::optional<StageItem>& known =
      recomputed ? (dense ? recomputed_dense_ : recomputed_moe_[which]) : (dense ? dense_ : moe_[which]);
  const auto work = recomputed ? recomputed_layer_work : layer_work;
  if (!known) known = price(work(inputs_, load, kind), load, dense ? ItemKind::dense : ItemKind::moe);
  StageItem item = *known;
  item.layer = static_cast<std::int16_t>(index);
  return item;
}

StageItem LayerPricer::embedding() {
  if (!embedding_) embedding_ = price(embedding_work(inputs_), loads_.of(0), ItemKind::embedding);
  return *embedding_;
}
StageItem LayerPricer::head() {
  if (!head_) head_ = price(head_work(inputs_), loads_.of(0), ItemKind::head);
  return *head_;
}
StageItem LayerPricer::mtp_projection() {
  if (!mtp_projection_)
    mtp_projection_ = price(mtp_projection_work(inputs_), loads_.of(0), ItemKind::mtp_projection);
  return *mtp_projection_;
}

StageItem LayerPricer::price(const LayerWork& work, const RoutedLoad& load, ItemKind kind) {
  StageItem item;
  item.has_mlp = work.has_mlp;
  item.alone = price(work, load, kind, false);
  item.paired = price(work, load, kind, true);
  return item;
}

ItemCosts LayerPricer::price(const LayerWork& work, const RoutedLoad& load, ItemKind kind, bool paired) {
  ItemCosts costs;
  const bool is_head = kind == ItemKind::head;
  add_split_collectives(inputs_, load, kind, table_, costs);
  const auto priced = [&](const PhaseWork& part, Phase phase) { return price(part, load, phase, paired); };
  costs.attention_forward =
      priced(work.attention_forward, is_head ? Phase::head_forward : Phase::attention_forward);
  costs.attention_backward =
      priced(work.attention_backward, is_head ? Phase::head_backward : Phase::attention_backward);
  costs.attention_weight =
      priced(work.attention_weight, is_head ? Phase::head_backward : Phase::attention_weight);
  if (!work.has_mlp) return costs;
  costs.mlp_forward = priced(work.mlp_forward, Phase::mlp_forward);
  costs.mlp_backward = priced(work.mlp_backward, Phase::mlp_backward);
  costs.mlp_weight = priced(work.mlp_weight, Phase::mlp_weight);
  if (work.attention_recompute.launches > 0)
    costs.attention_recompute = priced(work.attention_recompute, Phase::attention_recompute);
  if (work.mlp_recompute.launches > 0) costs.mlp_recompute = priced(work.mlp_recompute, Phase::mlp_recompute);
  costs.recomputes_transfers = work.recomputes_transfers;
  if (work.mlp_forward.expert_share > 0) costs.transfers = transfers(work, load, paired);
  return costs;
}

std::uint32_t LayerPricer::price(const PhaseWork& work, const RoutedLoad& load, Phase phase, bool paired) {
  const bool fixed = paired && inputs_.stack.fixed_sm_partition;
  OperationCost cost;
  cost.phase = phase;
  cost.pads_jitter = true;
  cost.expert_share = work.expert_share * load.share_of_excess;
  cost.work_s = fixed ? work.paired_s : work.alone_s;
  if (!fixed && work.paired_s > 0) cost.overlapped_rate = work.alone_s / work.paired_s;
  if (!paired && meets_peers(phase)) cost.work_s *= alone_slowdown_;
  const double launch = inputs_.constant("launch");
  cost.issue_s = num_launches(work) * launch;
  cost.first_issue_s = std::min(cost.issue_s, launch);
  return table_.add(cost, fixed ? paired_origin(work) : work.origin);
}

int LayerPricer::num_launches(const PhaseWork& work) const {
  switch (inputs_.stack.graph_scope) {
    case GraphScope::none:
      return work.launches;
    case GraphScope::layer:
      return std::min(work.launches, 1);
    case GraphScope::step:
      return 0;
  }
  return work.launches;
}

std::optional<TransferCosts> LayerPricer::transfers(const LayerWork& work, const RoutedLoad& load,
                                                    bool paired) {
  if (inputs_.layout().ep * inputs_.layout().etp == 1) return std::nullopt;
  return price_transfers(inputs_, load, work, paired, table_);
}

}  // namespace moesim
