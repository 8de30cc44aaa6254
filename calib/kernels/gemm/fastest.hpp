#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <functional>
#include <span>

namespace moesim {

using Launch = std::function<void(cudaStream_t)>;

/// A launch of a CUDA graph that holds `count` launches captured on `stream`. Throws CudaError where they
/// cannot be captured.
Launch captured(const Launch& launch, int count, cudaStream_t stream);

/// Takes back an error that does not outlast its call, which the next kernel's launch would report else.
void forget_last_error();

/// Whether a launch can be captured. Launches once, waits, and throws CudaError where that already fails.
bool can_capture(const Launch& launch, cudaStream_t stream);

/// Seconds of one launch on warm caches: a CUDA graph of ten where they are short, single ones where they are
/// not; the faster of two. For choosing between kernels, not for the log. Waits for the stream.
double quick_seconds(const Launch& launch, cudaStream_t stream);

/// The index of the fastest launch. One that throws CudaError is left out and its error taken back; throws
/// the last of them where all do, and RunError where there is none.
std::size_t fastest(std::span<const Launch> launches, cudaStream_t stream);

}  // namespace moesim
