#include "sim/training/split_collectives.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/operator_time.hpp"
#include "models/operators.hpp"
#include "sim/training/transfer_costs.hpp"

namespace moesim {
namespace {

constexpr double kBf16Bytes = 2;
/// FP32 maximum, sum of exponentials and own logit of each token, reduced over the parts of a vocabulary.
constexpr double kCrossEntropyBytes = 3 * 4;

/// A collective with the computation that it may run beside.
struct SplitCollective {
  GroupCollective kind = GroupCollective::all_gather;
  Bytes bytes;
  double beside_s = 0;
  bool is_async = false;  ///< in backward: needed by the next product but one, so it runs beside the next
};

/// Seconds of the products whose input or output a tensor-parallel group gathers or reduces.
struct LinearTimes {
  double in_forward = 0, in_dgrad = 0, in_wgrad = 0;     ///< split by columns: queries, gate and up, head
  double out_forward = 0, out_dgrad = 0, out_wgrad = 0;  ///< split by rows: attention output, down
};

using Names = std::initializer_list<std::string_view>;

class TensorPricer {
 public:
  TensorPricer(const TrainingInputs& inputs, const RoutedLoad& load, ItemKind item, CostTable& table)
      : inputs_(inputs), load_(load), item_(item), table_(table) {
    rows_ = Bytes(inputs.tokens() * static_cast<double>(inputs.model().hidden) * kBf16Bytes);
  }

  void add(ItemCosts& costs) const {
    switch (item_) {
      case ItemKind::embedding:
        costs.around_attention_forward.after = price(Phase::tensor_forward, {output_of({})});
        if (split_tokens())
          costs.around_attention_backward.before = price(Phase::tensor_backward, {gather(0)});
        return;
      case ItemKind::head:
        add_head(costs);
        return;
      case ItemKind::mtp_projection:  // split by tokens
        return;
      case ItemKind::dense:
        add_around(linear_times({"dense_gate_up"}, {"dense_down"}), costs.around_mlp_forward,
                   costs.around_mlp_backward);
        break;
      case ItemKind::moe:
        if (inputs_.model().num_shared_experts == 0) break;
        add_around(linear_times({"shared_gate_up"}, {"shared_down"}), costs.around_mlp_forward,
                   costs.around_mlp_backward);
        break;
    }
    add_around(linear_times({"qkv_proj", "q_down", "q_proj", "kv_down"}, {"o_proj"}),
               costs.around_attention_forward, costs.around_attention_backward);
  }

 private:
  [[nodiscard]] bool split_tokens() const { return inputs_.layout().sequence_parallel; }
  [[nodiscard]] SplitCollective gather(double beside_s, bool is_async = false) const {
    return {GroupCollective::all_gather, rows_, beside_s, is_async};
  }
  /// Partial sums of all tokens become each GPU's part, or, without sequence parallelism, the sums of all.
  [[nodiscard]] SplitCollective reduce(double beside_s, bool is_async) const {
    const auto kind = split_tokens() ? GroupCollective::reduce_scatter : GroupCollective::all_reduce;
    return {kind, rows_, beside_s, is_async};
  }
  [[nodiscard]] SplitCollective output_of(const LinearTimes& times) const {
    return reduce(times.out_forward, false);
  }

  /// A pair of linears split by columns and by rows. With sequence parallelism the saved input is gathered
  /// once more for the weight gradient (Korthikanti et al., arXiv 2205.05198, section 4.2).
  void add_around(const LinearTimes& t, AroundCosts& forward, AroundCosts& backward) const {
    forward.after = price(Phase::tensor_forward, {output_of(t)});
    backward.after = price(Phase::tensor_backward, {reduce(t.in_wgrad, true)});
    if (!split_tokens()) return;
    forward.before = price(Phase::tensor_forward, {gather(t.in_forward)});
    backward.before = price(Phase::tensor_backward, {gather(t.out_dgrad), gather(t.in_dgrad, true)});
  }

  void add_head(ItemCosts& costs) const {
    const LinearTimes t = linear_times({"head"}, {});
    const Bytes loss(inputs_.tokens() * kCrossEntropyBytes);
    costs.around_attention_forward.after =
        price(Phase::tensor_forward, {{GroupCollective::all_reduce, loss, 0, false}});
    costs.around_attention_backward.after = price(Phase::tensor_backward, {reduce(t.in_wgrad, true)});
    if (!split_tokens()) return;
    costs.around_attention_forward.before = price(Phase::tensor_forward, {gather(t.in_forward)});
    costs.around_attention_backward.before = price(Phase::tensor_backward, {gather(t.in_dgrad, true)});
  }

  /// All collectives of a point of the layer as one operation.
  [[nodiscard]] std::vector<std::uint32_t> price(Phase phase,
                                                 std::vector<SplitCollective> collectives) const {
    const PortSpeeds ports = cluster_ports(inputs_.cluster());
    OperationCost cost;
    cost.phase = phase;
    for (const SplitCollective& collective : collectives) {
      const CollectiveCost alone = group_cost(inputs_, GroupKind::tensor, collective.kind, collective.bytes);
      const double alone_s = time_alone(alone, ports).value();
      const double seconds = exposed_s(inputs_, alone_s, collective.beside_s, collective.is_async);
      const double part = alone_s > 0 ? seconds / alone_s : 0;
      cost.delay_s += alone.latency.value() * part + lost_s(alone_s - seconds);
      cost.nic_B += alone.nic.value() * part;
      cost.nvlink_B += alone.nvlink.value() * part;
    }
    const double launch = inputs_.constant("launch");
    cost.issue_s = static_cast<double>(collectives.size()) * launch;
    cost.first_issue_s = launch;
    return {table_.add(cost, {.derived = 1})};
  }

  /// What the SMs of a collective take from `hidden_s` of computation beside it.
  [[nodiscard]] double lost_s(double hidden_s) const {
    const double num_sms = inputs_.profile->gpu().num_sms;
    const double taken = inputs_.stack.tensor_parallel.num_sms;
    return hidden_s * taken / (num_sms - taken);
  }

  [[nodiscard]] LinearTimes linear_times(Names in, Names out) const {
    const auto forward = operators(Pass::forward), dgrad = operators(Pass::input_gradient),
               wgrad = operators(Pass::weight_gradient);
    return {seconds(forward, in, ""),  seconds(dgrad, in, "_dgrad"),  seconds(wgrad, in, "_wgrad"),
            seconds(forward, out, ""), seconds(dgrad, out, "_dgrad"), seconds(wgrad, out, "_wgrad")};
  }
  [[nodiscard]] std::vector<Operator> operators(Pass pass) const {
    const OperatorContext context = operator_context(inputs_, load_, 1);
    if (item_ == ItemKind::head) return head_operators(inputs_.model(), pass, context);
    const LayerKind kind = item_ == ItemKind::dense ? LayerKind::dense : LayerKind::moe;
    return layer_operators(inputs_.model(), kind, pass, context);
  }
  [[nodiscard]] double seconds(const std::vector<Operator>& operators, Names names, const char* role) const {
    double sum = 0;
    for (const Operator& op : operators) {
      const auto is_one = [&](std::string_view name) { return op.name == std::string(name) + role; };
      if (!op.recomputed && std::ranges::any_of(names, is_one)) {
        sum += operator_time(op, inputs_.stack, inputs_.profile).seconds;
      }
    }
    return sum;
  }

  const TrainingInputs& inputs_;
  const RoutedLoad& load_;
  ItemKind item_;
  CostTable& table_;
  Bytes rows_;  ///< hidden states of all tokens of the group
};

TimedOperator timed_operator(GroupCollective kind) {
  switch (kind) {
    case GroupCollective::all_gather:
      return TimedOperator::all_gather;
    case GroupCollective::reduce_scatter:
      return TimedOperator::reduce_scatter;
    case GroupCollective::all_reduce:
      return TimedOperator::all_reduce;
  }
  return TimedOperator::all_gather;
}

}  // namespace

CollectiveCost group_cost(const TrainingInputs& inputs, GroupKind group, GroupCollective kind, Bytes bytes) {
  const ClusterSpec& cluster = inputs.cluster();
  const GroupSpan span = inputs.plan.groups.span(group, cluster.gpus_per_node);
  if (span.num_nodes == 1) {
    if (const auto timed = timed_by_nccl(inputs, timed_operator(kind), span.size, bytes)) return *timed;
  }
  const Seconds latency = span.num_nodes > 1 ? cluster.nic.latency : cluster.nvlink.latency;
  return group_collective_cost(kind, bytes, {span.size, span.members_per_node}, latency);
}

double exposed_s(const TrainingInputs& inputs, double alone_s, double beside_s, bool is_async) {
  switch (inputs.stack.tensor_parallel.overlap) {
    case TensorOverlap::none:
      return alone_s;
    case TensorOverlap::backward:
      return is_async ? std::max(0.0, alone_s - beside_s) : alone_s;
    case TensorOverlap::pieces:
      return alone_s - inputs.constant("tensor_overlap") * std::min(alone_s, beside_s);
  }
  return alone_s;
}

void add_split_collectives(const TrainingInputs& inputs, const RoutedLoad& load, ItemKind item,
                           CostTable& table, ItemCosts& costs) {
  if (inputs.layout().tp > 1) TensorPricer(inputs, load, item, table).add(costs);
  if (inputs.layout().cp > 1) add_context_collectives(inputs, load, item, table, costs);
}

}  // namespace moesim
