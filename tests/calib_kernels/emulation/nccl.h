#pragma once

// What the exchange kernels need of NCCL, for ranks that are threads of one process.
#include <cstddef>
#include <vector>

/// Memory of every rank.
struct EmulatedWindow {
  std::vector<char*> of_rank;
};
using ncclWindow_t = EmulatedWindow*;
