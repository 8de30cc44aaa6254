#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/gemm/gemm_runner.hpp"

namespace moesim {

using MakeRunner =
    std::function<std::unique_ptr<GemmRunner>(const GemmProblem&, std::span<GemmSet>, cudaStream_t)>;

/// A bench of `problem` on the runner that `make` gives: as many input sets, four at most, as exceed twice
/// L2.
std::unique_ptr<Bench> make_gemm_bench(GemmProblem problem, const MakeRunner& make, const DeviceFacts& device,
                                       std::uint64_t seed);

/// Why no library runs GEMMs of this format, role and shape on the device; empty where one does. `n` and `k`
/// are those of one group.
std::string gemm_unsupported(NumberFormat format, GemmRole role, GemmLibrary library, int n, int k,
                             const DeviceFacts& device);
/// Why the input sets do not fit into its memory.
std::string memory_unsupported(const GemmProblem& problem, const DeviceFacts& device);

/// A stream of its own, which no other work waits for.
class BenchStream {
 public:
  BenchStream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  ~BenchStream() { cudaStreamDestroy(stream_); }
  BenchStream(const BenchStream&) = delete;
  BenchStream& operator=(const BenchStream&) = delete;
  [[nodiscard]] cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace moesim
