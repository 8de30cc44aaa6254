#pragma once

#include <cstdint>
#include <memory>

#include "models/model_spec.hpp"
#include "sim/serving/deployment/unit_layout.hpp"
#include "sim/serving/experts/expert_load_spec.hpp"
#include "sim/serving/experts/expert_state.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {

/// The load of the experts of every unit with this layout. balanced: all expert groups receive the same rows.
/// simulated: a table made from the router, see docs/serving-model.md; units share the popularity of experts,
/// which `seed` draws. `mode` says what the tokens of an iteration are: prompts of one document after the
/// other (training), or the next token of as many requests (decode); it matters where documents differ.
/// A dense model has an even load and no slots.
///
/// Throws SpecError for a layout whose slots or GPUs do not divide (pointers are those of UnitLayout).
std::shared_ptr<const ExpertLoads> make_expert_loads(const ModelSpec& model, const UnitLayout& layout,
                                                     const ExpertLoadSpec& spec, int gpus_per_node,
                                                     std::uint64_t seed, BatchMode mode = BatchMode::decode);

}  // namespace moesim
