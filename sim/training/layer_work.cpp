#include "sim/training/layer_work.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "calib/profile/operator_time.hpp"
#include "models/operators.hpp"
#include "sim/training/known_work.hpp"
#include "sim/training/routed_loads.hpp"

namespace moesim {
namespace {

NumberFormat operand_format(TrainingPrecision precision) {
  switch (precision) {
    case TrainingPrecision::bf16:
      return NumberFormat::bf16;
    case TrainingPrecision::fp8:
      return NumberFormat::fp8;
    case TrainingPrecision::mxfp8:
      return NumberFormat::mxfp8;
  }
  return NumberFormat::bf16;
}

/// `expert_share` is left to the caller.
PhaseWork work_of(std::span<const Operator> operators, const TrainingInputs& inputs) {
  const Stack& stack = inputs.stack;
  const ResolvedConstant sustained = sustained_rate(stack, inputs.profile);
  PhaseWork work;
  ProvenanceAccount account;
  for (const Operator& op : operators) {
    if (stack.fuses(operator_class(op.name))) continue;
    const TimeEstimate time = operator_time(op, stack, inputs.profile);
    work.ideal_s += op.count * op.model_flops / inputs.profile->gpu().peak_of(op.format).value();
    if (op.kind != OperatorKind::small) work.kernels_s += time.seconds;
    work.alone_s += time.seconds;
    work.paired_s +=
        time.seconds / stack.overlapped_rate(compute_class(op), inputs.profile->gpu().num_sms,
                                             stack.all_to_all.num_sms, inputs.profile->excluded());
    work.launches += op.count;
    const double timed = op.kind == OperatorKind::small ? 1 : sustained.value;
    account.add(time.seconds * timed, time.provenance);
    account.add(time.seconds * (1 - timed), sustained.provenance);
  }
  const double gaps = work.launches * inputs.constant("kernel_gap");
  work.alone_s += gaps;
  work.paired_s += gaps;
  account.add(gaps, stack.constant("kernel_gap", inputs.profile->excluded()).provenance);
  work.origin = account.fractions();
  return work;
}

std::vector<Operator> part_of(const std::vector<Operator>& operators, Component component) {
  std::vector<Operator> part;
  std::copy_if(operators.begin(), operators.end(), std::back_inserter(part),
               [&](const Operator& op) { return op.component == component; });
  return part;
}

/// How much of `at_mean` grows with the load, from the time at another load.
double share_that_grows(const PhaseWork& at_mean, const PhaseWork& at_load, double load) {
  if (at_mean.alone_s <= 0) return 0;
  return std::clamp((at_load.alone_s / at_mean.alone_s - 1) / (load - 1), 0.0, 1.0);
}

/// Kernels of dropless routing that models/ does not count, as short as a kernel can be. With a capacity
/// shapes are fixed and there are none.
void add_dropless_kernels(PhaseWork& work, const TrainingInputs& inputs, double num_kernels) {
  if (num_kernels <= 0) return;
  const Stack& stack = inputs.stack;
  const double seconds =
      num_kernels * (inputs.profile->value("small_kernel_floor") + inputs.constant("kernel_gap"));
  ProvenanceAccount account;
  for (const auto& [fraction, provenance] :
       std::initializer_list<std::pair<double, Provenance>>{{work.origin.measured, Provenance::measured},
                                                            {work.origin.published, Provenance::published},
                                                            {work.origin.derived, Provenance::derived},
                                                            {work.origin.assumed, Provenance::assumed}}) {
    account.add(work.alone_s * fraction, provenance);
  }
  account.add(seconds, stack.constant("dropless_kernels", inputs.profile->excluded()).provenance);
  work.origin = account.fractions();
  work.alone_s += seconds;
  work.paired_s += seconds;
  work.launches += static_cast<int>(std::lround(num_kernels));
}

LayerWork layer_work_at(const TrainingInputs& inputs, const RoutedLoad& load, LayerKind kind,
                        double rank_load) {
  const OperatorContext context = operator_context(inputs, load, rank_load);
  const auto operators = [&](Pass pass) { return layer_operators(inputs.model(), kind, pass, context); };
  const auto forward = operators(Pass::forward), input = operators(Pass::input_gradient),
             weight = operators(Pass::weight_gradient);
  const auto work = [&](const std::vector<Operator>& pass, Component component) {
    return work_of(part_of(pass, component), inputs);
  };
  LayerWork layer;
  layer.attention_forward = work(forward, Component::attention);
  layer.attention_backward = work(input, Component::attention);
  layer.attention_weight = work(weight, Component::attention);
  layer.mlp_forward = work(forward, Component::mlp);
  layer.mlp_backward = work(input, Component::mlp);
  layer.mlp_weight = work(weight, Component::mlp);
  if (kind == LayerKind::moe && !inputs.recipe().capacity_factor) {
    constexpr double kForward = 0.4;  // a backward has three products for two, and their casts
    const double kernels = inputs.stack.value_or("dropless_kernels", inputs.profile->excluded(), 0);
    add_dropless_kernels(layer.mlp_forward, inputs, kForward * kernels);
    add_dropless_kernels(layer.mlp_backward, inputs, (1 - kForward) * kernels);
  }
  layer.dispatch_cast_s = work(forward, Component::communication).alone_s;
  layer.combine_cast_s = work(input, Component::communication).alone_s;
  if (kind == LayerKind::moe && context.recompute.moe) {
    layer.mlp_recompute = work_of(recomputed_expert_operators(inputs.model(), context), inputs);
    layer.recomputes_transfers = true;
  }
  return layer;
}

/// What `work` gives, or gave before.
template <class Work>
LayerWork known_or(const TrainingInputs& inputs, const KnownWork::Key& key, const Work& work) {
  return inputs.known_work ? inputs.known_work->layers.of(key, work) : work();
}

/// Work outside layers: all of it in attention_*.
template <class OperatorsOf>
LayerWork outer_work_in(const TrainingInputs& inputs, const OperatorContext& context,
                        OperatorsOf operators_of) {
  LayerWork layer;
  layer.has_mlp = false;
  layer.attention_forward = work_of(operators_of(inputs.model(), Pass::forward, context), inputs);
  layer.attention_backward = work_of(operators_of(inputs.model(), Pass::input_gradient, context), inputs);
  layer.attention_weight = work_of(operators_of(inputs.model(), Pass::weight_gradient, context), inputs);
  return layer;
}

template <class OperatorsOf>
LayerWork outer_work(const TrainingInputs& inputs, KnownWork::Part part, OperatorsOf operators_of) {
  const OperatorContext context = operator_context(inputs, {}, 1);
  return known_or(inputs, {part, KnownWork::sizes_of(context), KnownWork::sizes_of(context), 1},
                  [&] { return outer_work_in(inputs, context, operators_of); });
}

LayerWork moe_layer_work(const TrainingInputs& inputs, const RoutedLoad& load, double hot) {
  LayerWork layer = layer_work_at(inputs, load, LayerKind::moe, 1);
  const LayerWork loaded = layer_work_at(inputs, load, LayerKind::moe, hot);
  layer.mlp_forward.expert_share = share_that_grows(layer.mlp_forward, loaded.mlp_forward, hot);
  layer.mlp_backward.expert_share = share_that_grows(layer.mlp_backward, loaded.mlp_backward, hot);
  layer.mlp_weight.expert_share = share_that_grows(layer.mlp_weight, loaded.mlp_weight, hot);
  layer.mlp_recompute.expert_share = share_that_grows(layer.mlp_recompute, loaded.mlp_recompute, hot);
  return layer;
}

/// All passes; the MLP of a rank with `rank_load` times the mean tokens.
double total_s(const LayerWork& layer, bool paired, double rank_load = 1) {
  double sum = 0;
  for (const PhaseWork* work :
       {&layer.attention_forward, &layer.attention_backward, &layer.attention_weight, &layer.mlp_forward,
        &layer.mlp_backward, &layer.mlp_weight, &layer.attention_recompute, &layer.mlp_recompute}) {
    sum += (paired ? work->paired_s : work->alone_s) * (1 + work->expert_share * (rank_load - 1));
  }
  return sum;
}

}  // namespace

OperatorContext operator_context(const TrainingInputs& inputs, const RoutedLoad& load, double rank_load) {
  const TrainingRecipe& recipe = inputs.recipe();
  const Layout& layout = inputs.layout();
  OperatorContext context;
  context.format = operand_format(recipe.precision);
  context.tokens = inputs.tokens();
  context.query_tokens = recipe.sequence_length;
  // Every GPU of an expert-tensor-parallel group brings its tokens.
  const double tokens = inputs.local_tokens() * layout.etp;
  context.expert_tokens = tokens * inputs.model().top_k * load.rows_over_chosen * rank_load;
  const bool once = inputs.stack.all_to_all.backend != AllToAllBackend::nccl;
  context.received_tokens =
      once ? tokens * load.ranks_per_token * load.kept() * rank_load : context.expert_tokens;
  if (inputs.exchanges_latents()) context.latent_parts = layout.cp;
  context.tp = layout.tp;
  context.etp = layout.etp;
  context.sequence_parallel = layout.sequence_parallel;
  context.local_experts = std::max(1, inputs.model().num_experts / layout.ep);
  context.gradient_format = inputs.stack.gradient_type;
  context.recompute.rms_norm = layout.recomputes(Recompute::rms_norm);
  context.recompute.mla_up_projection = layout.recomputes(Recompute::mla_up_projection);
  context.recompute.swiglu = context.format != NumberFormat::bf16 || layout.recomputes(Recompute::swiglu);
  context.recompute.core_attention = layout.recomputes(Recompute::core_attention);
  context.recompute.mlp = layout.recomputes(Recompute::mlp);
  context.recompute.moe = layout.recomputes(Recompute::moe);
  return context;
}

LayerWork layer_work(const TrainingInputs& inputs, const RoutedLoad& load, LayerKind kind) {
  const ModelSpec& model = inputs.model();
  if ((kind == LayerKind::dense ? model.num_dense_layers : model.num_moe_layers()) == 0) return {};
  const KnownWork::Sizes sizes = KnownWork::sizes_of(operator_context(inputs, load, 1));
  if (kind == LayerKind::dense) {
    return known_or(inputs, {KnownWork::Part::dense_layer, sizes, sizes, 1},
                    [&] { return layer_work_at(inputs, load, kind, 1); });
  }
  // Any load above 1 gives the slope where routing is balanced; the rows of a GEMM have no steps to speak of
  // here.
  const double hot = load.rank_max_over_mean > 1 ? load.rank_max_over_mean : 1.2;
  return known_or(
      inputs,
      {KnownWork::Part::moe_layer, sizes, KnownWork::sizes_of(operator_context(inputs, load, hot)), hot},
      [&] { return moe_layer_work(inputs, load, hot); });
}

LayerWork recomputed_layer_work(const TrainingInputs& inputs, const RoutedLoad& load, LayerKind kind) {
  LayerWork layer = layer_work(inputs, load, kind);
  layer.attention_recompute = layer.attention_forward;
  layer.mlp_recompute = layer.mlp_forward;
  layer.recomputes_transfers = true;
  return layer;
}

LayerWork embedding_work(const TrainingInputs& inputs) {
  return outer_work(inputs, KnownWork::Part::embedding, embedding_operators);
}
LayerWork head_work(const TrainingInputs& inputs) {
  return outer_work(inputs, KnownWork::Part::head, head_operators);
}
LayerWork mtp_projection_work(const TrainingInputs& inputs) {
  return outer_work(inputs, KnownWork::Part::mtp_projection, mtp_projection_operators);
}

LayerTimes layer_times_by_calibration(const TrainingInputs& inputs) {
  const bool paired = runs_pairs(inputs.layout().schedule);
  const RoutedLoad load = routed_load(inputs, inputs.scenario.routing);
  LayerTimes times;
  // How many layers of a stage are recomputed is known before how many it has: the mean over all layers.
  const Layout& layout = inputs.layout();
  const int of_stage = layout.recompute_layers.value_or(inputs.model().num_layers);
  const double most = static_cast<double>(of_stage) * layout.pp / inputs.model().num_layers;
  const double recomputed = layout.recomputes(Recompute::full) ? std::min(1.0, most) : 0;
  const auto time = [&](LayerKind kind, double rank_load) {
    const double usual = total_s(layer_work(inputs, load, kind), paired, rank_load);
    if (recomputed == 0) return usual;
    const double again = total_s(recomputed_layer_work(inputs, load, kind), paired, rank_load);
    return usual + recomputed * (again - usual);
  };
  times.dense = time(LayerKind::dense, 1);
  times.moe = time(LayerKind::moe, load.rank_max_over_mean);
  times.head = total_s(head_work(inputs), false);
  times.mtp = times.moe + total_s(mtp_projection_work(inputs), false);
  times.embedding = total_s(embedding_work(inputs), false);
  return times;
}

}  // namespace moesim
