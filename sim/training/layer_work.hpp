#pragma once

#include "calib/profile/provenance_account.hpp"
#include "models/operators.hpp"
#include "sim/plan/stage_assignment.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// One phase of a layer on one GPU of nominal speed: its kernels and the gaps between them.
struct PhaseWork {
  double ideal_s = 0;       ///< the model's operations at the peaks of their formats
  double kernels_s = 0;     ///< GEMMs and attention, on all SMs
  double alone_s = 0;       ///< with small kernels and gaps, on all SMs
  double paired_s = 0;      ///< beside communication, on the SMs that it leaves
  double expert_share = 0;  ///< part of the time that follows the tokens of this GPU's experts
  int launches = 0;
  ProvenanceFractions origin;
};

/// The six phases of a layer that compute, and the small kernels beside its transfers. Of an embedding, an
/// MTP projection or a head, whose whole work is in attention_*, the others are empty.
struct LayerWork {
  PhaseWork attention_forward, attention_backward, attention_weight;
  PhaseWork mlp_forward, mlp_backward, mlp_weight;
  double dispatch_cast_s = 0;  ///< on the communication stream before a forward dispatch
  double combine_cast_s = 0;   ///< before the backward of a combine
  bool has_mlp = true;
  // What a backward begins with: forward passes again, and between them their transfers. Empty without.
  PhaseWork attention_recompute, mlp_recompute;
  bool recomputes_transfers = false;
};

/// Sizes of a micro-batch on one GPU whose experts get `rank_load` times the mean rows.
OperatorContext operator_context(const TrainingInputs& inputs, const RoutedLoad& load, double rank_load);

/// Work of one micro-batch, from the operators of models/ and their times in calib/. `load` sets the rows of
/// the experts; expert_share is exact at 1 and at load.rank_max_over_mean. Empty where the model has no layer
/// of the kind.
LayerWork layer_work(const TrainingInputs& inputs, const RoutedLoad& load, LayerKind kind);
/// The same of a layer that is recomputed as a whole.
LayerWork recomputed_layer_work(const TrainingInputs& inputs, const RoutedLoad& load, LayerKind kind);
LayerWork embedding_work(const TrainingInputs& inputs);
LayerWork head_work(const TrainingInputs& inputs);
LayerWork mtp_projection_work(const TrainingInputs& inputs);

/// Times of all passes of one micro-batch, for the balance of stages. Layers are overlapped where the
/// schedule pairs passes (a dense one runs beside an MoE one); embedding, projections and heads meet no
/// transfer of their stage and run as if alone.
LayerTimes layer_times_by_calibration(const TrainingInputs& inputs);

}  // namespace moesim
