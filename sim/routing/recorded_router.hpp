#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "sim/routing/router.hpp"
#include "workloads/recorded_routing/expert_counts.hpp"
#include "workloads/recorded_routing/expert_ids.hpp"

namespace moesim {

/// The loads of recorded counts: each step is a micro-batch, whose experts lie contiguously on ranks and
/// nodes. Counts do not tell whence tokens come nor which choices are one token's, so nodes and NICs get the
/// share of the choices, and nodes_per_token and ranks_per_token stay those of the group.
std::unique_ptr<Router> make_recorded_counts_router(ExpertCounts counts);

/// Recorded ids and what brings them.
struct RecordedIds {
  std::filesystem::path file;
  ExpertIdsShape shape;                   ///< num_experts > 0
  std::int64_t tokens_per_rank = 4096;    ///< consecutive tokens that a rank brings to a micro-batch
  std::int64_t most_micro_batches = 128;  ///< read from the file
};

/// The loads of recorded ids: consecutive tokens are the micro-batches of an expert group. Reads the file
/// when it routes; throws SpecError of the file, and std::invalid_argument where it holds less than a
/// micro-batch.
std::unique_ptr<Router> make_recorded_ids_router(const RecordedIds& ids);

}  // namespace moesim
