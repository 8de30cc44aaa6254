#pragma once

namespace moesim {

/// Share of its rate alone that computation keeps: beside a transfer that holds SMs, and while none runs but
/// kernels stay launched for the SMs that it leaves.
struct ComputeRates {
  double beside = 1;
  double alone = 1;
};

/// Computation of one micro-batch beside a transfer of the other.
struct StageTime {
  double total = 0;
  double compute = 0;  ///< of it computation runs
  [[nodiscard]] double exposed() const { return total - compute; }
};

/// `compute` is its time alone on all SMs. The longer of both; computation runs at rates.beside until the
/// transfer is done.
StageTime stage_time(double compute, double transfer, const ComputeRates& rates);

/// One micro-batch in one MoE layer on one GPU, in seconds. Transfers are those of the whole group.
struct MicroBatchTimes {
  double attention_in = 0;    ///< up to the core: norm, projections, rotation
  double attention_core = 0;  ///< core, output projection
  double gate = 0;            ///< norm, routing, cast
  double shared = 0;          ///< shared experts
  double experts = 0;
  double dispatch = 0;  ///< with its kernels
  double combine = 0;
  double dispatch_kernels = 0;  ///< that send and receive on SMs, where a transfer else runs without any
  double combine_kernels = 0;
};

/// One MoE layer of an iteration.
struct MoeLayerTime {
  double attention = 0;  ///< while it computes
  double dense = 0;      ///< gate and shared experts
  double experts = 0;
  double communication = 0;  ///< exposed, with kernels that send and receive

  [[nodiscard]] double total() const { return attention + dense + experts + communication; }
};

/// Two micro-batches alike, transfers without SMs, attention in two parts, so that five stages follow each
/// other: (attention_in) (core, gate) (send dispatch, shared) (receive, experts, send combine) (receive). The
/// second micro-batch runs two stages behind the first: a dispatch has shared experts and the other's
/// attention_in beside it, a combine the other's core and gate, experts nothing (open-infra-index, day 6;
/// order of stages as in SGLang's two-batch overlap).
MoeLayerTime five_stage_layer(const MicroBatchTimes& one);

/// Two micro-batches alike, transfers on SMs of their own, computation in the order attention A, attention B,
/// experts A, experts B, shared A, (next layer) attention A, shared B, attention B: a dispatch has the
/// attention (and gate) or the experts of the other beside it, a combine the other's experts or attention and
/// the shared experts before it is waited for (order as in SGLang's two-batch overlap).
MoeLayerTime two_batch_layer(const MicroBatchTimes& one, const ComputeRates& rates);

/// One batch, everything in turn.
MoeLayerTime serial_layer(const MicroBatchTimes& whole);

}  // namespace moesim
