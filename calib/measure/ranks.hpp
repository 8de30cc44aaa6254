#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace moesim {

/// What the command line says about this process: --rank, --ranks, --local-rank. All three or none.
struct RankOptions {
  std::optional<int> rank;
  std::optional<int> size;
  std::optional<int> local_rank;
};

/// Where this process stands among those that measure together, one process a GPU.
struct RankPlace {
  int rank = 0;        ///< in [0, size)
  int size = 1;        ///< processes of the job
  int local_rank = 0;  ///< among the processes of this node: the index of the GPU
  std::string source;  ///< who said so: "alone", "command line", "Open MPI", "PMI", "Slurm"
  std::string job;     ///< name of the job, the same on every rank; empty where the launcher gives none
};

/// The value of an environment variable, or null.
using EnvironmentLookup = std::function<const char*(const char*)>;
EnvironmentLookup process_environment();

/// The place of this process: from the command line, else from the variables of Open MPI
/// (OMPI_COMM_WORLD_RANK, _SIZE, _LOCAL_RANK), PMI (PMI_RANK, PMI_SIZE and MPI_LOCALRANKID or SLURM_LOCALID)
/// or a step of Slurm (SLURM_PROCID, SLURM_STEP_NUM_TASKS or SLURM_NTASKS, SLURM_LOCALID; only where
/// SLURM_STEP_ID is set, as a batch script carries the others too); else rank 0 of 1. Where several launchers
/// speak, the first of that order counts: the outer one starts the daemons of the inner one. Throws SpecError
/// with the file "command line" or "environment" where a variable is missing, no integer, out of range, or
/// at odds with the command line.
RankPlace rank_place(const RankOptions& options, const EnvironmentLookup& lookup = process_environment());

/// The CUDA device of a rank that sees `count` of them, from the one that local rank 0 is to have. Where
/// several ranks run and each sees a single device (a launcher that binds one GPU to a task), it is that one.
/// Throws RunError where there is no device, SpecError where there is none of that number.
int device_index(const RankPlace& place, int first, int count);

/// The nodes of a job, from what names the node of every rank. Throws SpecError unless equally many ranks are
/// on each and those of a node are neighbours.
int count_nodes(std::span<const std::uint64_t> nodes);

}  // namespace moesim
