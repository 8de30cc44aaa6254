#pragma once

#include <barrier>
#include <memory>
#include <vector>

#include "tests/calib_kernels/emulation/block.hpp"
#include "tests/calib_kernels/emulation/nccl.h"

namespace cuda {
enum memory_order { memory_order_acq_rel };
}

/// One barrier over the ranks for each block of a kernel.
using EmulatedBarriers = std::vector<std::unique_ptr<std::barrier<>>>;

struct ncclDevComm {
  int lsaRank = 0;
  int lsaSize = 1;
  EmulatedBarriers* barriers = nullptr;
};
struct ncclCoopCta {};
struct ncclTeamTagLsa {};

template <class Coop>
class ncclLsaBarrierSession {
 public:
  ncclLsaBarrierSession(Coop, const ncclDevComm& comm, ncclTeamTagLsa, unsigned index)
      : barrier_(*(*comm.barriers)[index]) {}
  void sync(Coop, cuda::memory_order) {
    __syncthreads();
    if (threadIdx.x == 0) barrier_.arrive_and_wait();
    __syncthreads();
  }

 private:
  std::barrier<>& barrier_;
};

inline void* ncclGetLsaPointer(ncclWindow_t window, std::size_t offset, int rank) {
  return window->of_rank[static_cast<std::size_t>(rank)] + offset;
}
