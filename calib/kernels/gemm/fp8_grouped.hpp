#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace moesim {

/// One group: out[rows, n] = A[rows, k] B[n, k]^T in E4M3 with FP32 scales, A's as vector_scales(rows, k),
/// B's as cutlass_block_scales(n, k); BF16 out. Pointers are of the device, A and B at multiples of 16 bytes.
struct Fp8Group {
  int rows = 0;  ///< may be 0
  const void* m_side = nullptr;
  const float* m_scales = nullptr;
  const void* n_side = nullptr;
  const float* n_scales = nullptr;
  void* out = nullptr;
};

/// One call of a grouped GEMM.
struct Fp8GroupedCall {
  std::vector<Fp8Group> groups;
  int n = 0;  ///< multiple of 8
  int k = 0;  ///< multiple of 16
  /// Whether the host knows the rows and may launch fewer thread blocks (contiguous layout). In decode they
  /// are known to the device alone (masked layout).
  bool rows_on_host = true;
  int num_sms = 0;
};

/// In which order a persistent thread block walks through the tiles of a group.
enum class TileOrder { along_m, along_n };

/// A call made ready: arrays of pointers and shapes are on the device.
class Fp8Plan {
 public:
  Fp8Plan() = default;
  virtual ~Fp8Plan() = default;
  Fp8Plan(const Fp8Plan&) = delete;
  Fp8Plan& operator=(const Fp8Plan&) = delete;
  virtual void launch(cudaStream_t stream) = 0;  ///< asynchronous; may be captured
};

/// One kernel of CUTLASS, tile x cluster.
struct Fp8Tile {
  const char* name;
  std::unique_ptr<Fp8Plan> (*plan)(const Fp8GroupedCall& call, TileOrder order);
};
extern const Fp8Tile kFp8Cooperative2x1, kFp8Cooperative1x2, kFp8Pingpong;

/// The fastest of all tiles and orders for a shape, timed on the first of `calls`; one plan a call (an input
/// set). Throws CudaError.
class Fp8Grouped {
 public:
  Fp8Grouped(std::span<const Fp8GroupedCall> calls, cudaStream_t stream);
  void launch(std::size_t call, cudaStream_t stream) { plans_[call]->launch(stream); }
  /// e.g. "CUTLASS 4.2 cooperative 128x128x128, cluster 2x1, along n"
  [[nodiscard]] const std::string& kernel() const { return kernel_; }

 private:
  std::vector<std::unique_ptr<Fp8Plan>> plans_;
  std::string kernel_;
};

}  // namespace moesim
