#include "sim/plan/layout.hpp"

#include <algorithm>

namespace moesim {

bool Layout::recomputes(Recompute what) const {
  return std::find(recompute.begin(), recompute.end(), what) != recompute.end();
}

bool Layout::recomputes_layer(int k) const {
  return recomputes(Recompute::full) && k < recompute_layers.value_or(k + 1);
}

ScheduleShape Layout::pipeline(int num_microbatches) const {
  return {schedule, pp, num_microbatches, vpp};
}

const Spec<Layout>& spec_of(const Layout*) {
  constexpr double kMost = 1 << 20;
  static const Spec<Layout> spec =
      Spec<Layout>("layout", "How the ranks of a training job are arranged.")
          .field("tp", &Layout::tp, "tensor parallelism of attention and dense parts",
                 between(1, kMost) | optional())
          .field("pp", &Layout::pp, "pipeline ranks", between(1, kMost) | optional())
          .field("vpp", &Layout::vpp, "stages of a pipeline rank, for schedules that interleave",
                 between(1, kMost) | optional())
          .field("cp", &Layout::cp, "context parallelism", between(1, kMost) | optional())
          .field("ep", &Layout::ep, "expert parallelism", between(1, kMost) | optional())
          .field("etp", &Layout::etp, "tensor parallelism of an expert", between(1, kMost) | optional())
          .field("zero", &Layout::zero, "sharded: 1 optimizer states, 2 and gradients, 3 and weights",
                 between(0, 3) | optional())
          .field("shard", &Layout::shard, "replicas that shard together (HSDP); absent: all of them",
                 between(1, kMost))
          .field("schedule", &Layout::schedule, "how micro-batches move through the pipeline")
          .field("micro_batch", &Layout::micro_batch, "sequences of a micro-batch",
                 between(1, kMost) | optional())
          .field("sequence_parallel", &Layout::sequence_parallel,
                 "what tp does not split is split over it by tokens", optional())
          .field("cp_exchange", &Layout::cp_exchange, "how keys and values get around a cp group", optional())
          .field("recompute", &Layout::recompute, "what the backward pass computes again", optional())
          .field("recompute_layers", &Layout::recompute_layers,
                 "with full: how many layers of each stage; absent: all", between(1, kMost))
          .field("stage_layers", &Layout::stage_layers, "transformer layers of each stage; absent: balanced",
                 at_least(0) | optional());
  return spec;
}

}  // namespace moesim
