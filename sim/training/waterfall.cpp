#include "sim/training/waterfall.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/resolved_difference.hpp"
#include "sim/training/layer_work.hpp"
#include "sim/training/training_run.hpp"
#include "sim/training/variation.hpp"

namespace moesim {
namespace {

/// Mean seconds of a GPU's work in one step, priced four ways.
struct MeanWork {
  double ideal_s = 0, kernels_s = 0, alone_s = 0, scheduled_s = 0;
};

void add(const LayerWork& layer, double times, MeanWork& sum) {
  for (const PhaseWork* work :
       {&layer.attention_forward, &layer.attention_backward, &layer.attention_weight, &layer.mlp_forward,
        &layer.mlp_backward, &layer.mlp_weight, &layer.attention_recompute, &layer.mlp_recompute}) {
    sum.ideal_s += times * work->ideal_s;
    sum.kernels_s += times * work->kernels_s;
    sum.alone_s += times * work->alone_s;
  }
}

/// Of the balanced step, without anything but computation.
MeanWork mean_work(const TrainingInputs& inputs, const StepParts& parts) {
  const RoutedLoad load = loads_of(inputs, parts).mean();
  const LayerWork dense = layer_work(inputs, load, LayerKind::dense);
  const LayerWork moe = layer_work(inputs, load, LayerKind::moe);
  const LayerWork again_dense = recomputed_layer_work(inputs, load, LayerKind::dense);
  const LayerWork again_moe = recomputed_layer_work(inputs, load, LayerKind::moe);
  const LayerWork head = head_work(inputs), embedding = embedding_work(inputs);
  const LayerWork projection = mtp_projection_work(inputs);
  MeanWork sum;
  const double per_rank =
      static_cast<double>(inputs.plan.num_microbatches()) / inputs.plan.schedule.num_ranks;
  for (const StageContent& stage : inputs.plan.stages) {
    int whole_dense = 0, whole_moe = 0;
    for (int k = 0; k < stage.num_layers() + stage.num_mtp; ++k) {
      if (inputs.layout().recomputes_layer(k)) ++(k < stage.num_dense ? whole_dense : whole_moe);
    }
    add(dense, per_rank * (stage.num_dense - whole_dense), sum);
    add(again_dense, per_rank * whole_dense, sum);
    add(moe, per_rank * (stage.num_moe + stage.num_mtp - whole_moe), sum);
    add(again_moe, per_rank * whole_moe, sum);
    add(head, per_rank * stage.num_heads(), sum);
    add(projection, per_rank * stage.num_mtp, sum);
    if (stage.has_embedding) add(embedding, per_rank, sum);
  }
  const OpGraph graph = build_step(inputs, parts).graph;
  for (const auto& program : graph.programs) {
    for (const Operation& op : program) {
      sum.scheduled_s += graph.cost_of(op).work_s / static_cast<double>(graph.programs.size());
    }
  }
  return sum;
}

/// An effect that joins the replay, with what its interval is made of.
struct Effect {
  std::string name;
  bool StepParts::*part;
  std::vector<std::string> constants;  ///< of stack and profile
  std::string source;
  std::string note;
};

std::vector<Effect> effects_of(const TrainingInputs& inputs) {
  const std::string& routing = inputs.scenario.routing.source;
  return {
      {"imbalance",
       &StepParts::expert_load,
       {"routing.rank_max_over_mean"},
       routing.empty() ? "scenario routing" : routing,
       "the fullest rank's expert tokens"},
      {"gpu_spread",
       &StepParts::gpu_spread,
       {"cluster.gpu_speed_sigma"},
       "cluster gpu_speed_sigma (assumed)",
       "every transfer waits for the slowest GPU of its group"},
      {"jitter",
       &StepParts::jitter,
       {"cluster.operator_jitter"},
       "cluster operator_jitter (assumed)",
       "where no slack of a transfer takes it up"},
      {"exposed_communication",
       &StepParts::expert_transfers,
       {"transfer_overlap_addition", "transfer_start"},
       "calibration all-to-all",
       "dispatch and combine that no computation hides"},
      {"pipeline_transfers",
       &StepParts::pipeline_transfers,
       {"cluster.nic.efficiency"},
       "operator algebra over the NIC",
       "activations and gradients between stages, sharing NICs with dispatch and combine"},
      {"optimizer",
       &StepParts::step_end,
       {"optimizer_traffic", "requantise", "gradient_norm"},
       "stack constants, ring collectives",
       "reduce-scatter, AdamW, FP8 copies, all-gather"},
  };
}

Json row(const std::string& name, double seconds, double low, double high, const std::string& source,
         const std::string& note) {
  return {{"name", name},
          {"seconds", seconds},
          {"low_s", std::min({low, high, seconds})},
          {"high_s", std::max({low, high, seconds})},
          {"source", source},
          {"note", note}};
}

/// What `effect` adds to `before`, with its inputs at the given end of their intervals.
double added_s(const TrainingInputs& inputs, const Effect& effect, StepParts parts) {
  const double before = step_seconds(inputs, parts);
  parts.*effect.part = true;
  return resolved_difference(step_seconds(inputs, parts), before);
}

Json effect_row(const TrainingInputs& inputs, const Effect& effect, const StepParts& parts) {
  const double seconds = added_s(inputs, effect, parts);
  double ends[2] = {seconds, seconds};
  for (const std::string& name : effect.constants) {
    for (const IntervalEnd end : {IntervalEnd::low, IntervalEnd::high}) {
      const double moved = added_s(at_interval_end(inputs, name, end), effect, parts) - seconds;
      ends[moved < 0 ? 0 : 1] += moved;
    }
  }
  return row(effect.name, seconds, ends[0], ends[1], effect.source, effect.note);
}

}  // namespace

Json training_waterfall(const TrainingInputs& inputs) {
  StepParts parts{false, false, false, false, false, false};
  const MeanWork work = mean_work(inputs, parts);
  const double bare_s = step_seconds(inputs, parts);
  Json rows = Json::array();
  const auto add_row = [&](const char* name, double seconds, const char* source, const char* note) {
    rows.push_back(row(name, seconds, seconds, seconds, source, note));
  };
  add_row("ideal_compute", work.ideal_s, "operations of the model",
          "at the peak of each format, mean over ranks");
  add_row("kernel_efficiency", resolved_difference(work.kernels_s, work.ideal_s), "calibration curves",
          "GEMMs and attention alone on the GPU, recomputation included");
  add_row("small_kernels_and_launches", resolved_difference(work.alone_s, work.kernels_s),
          "bytes of small kernels, kernel_gap", "norms, casts, permutations and the gaps between kernels");
  add_row("communication_sms_and_contention", resolved_difference(work.scheduled_s, work.alone_s),
          "stack slowdowns", "computation beside dispatch and combine");
  for (const Effect& effect : effects_of(inputs)) {
    if (effect.part == &StepParts::step_end) {
      add_row("bubble", resolved_difference(bare_s, work.scheduled_s), "schedule",
              "idle ranks of the balanced pipeline, uneven stages");
    }
    rows.push_back(effect_row(inputs, effect, parts));
    parts.*effect.part = true;
  }
  const double step_s = step_seconds(inputs, parts);
  add_row("step", step_s, "sum of the rows above", "representative GPUs, replay engine");
  return rows;
}

}  // namespace moesim
