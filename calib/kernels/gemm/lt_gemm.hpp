#pragma once

#include <cublasLt.h>

#include <cstddef>
#include <memory>

#include "calib/kernels/gemm/operand_layout.hpp"

namespace moesim {

/// out[m, n] = A[m, k] B[n, k]^T through cublasLtMatmul, all row-major. To the library, which counts in
/// columns, B is its first operand and A its second.
struct LtShape {
  int m = 0;  ///< in FP8 a multiple of kLtRowAlignment
  int n = 0;
  int k = 0;
  bool fp8 = false;            ///< E4M3 with scales, else BF16
  bool m_side_k_major = true;  ///< A stored as [m, k], else [k, m] (BF16 only)
  bool n_side_k_major = true;  ///< B stored as [n, k], else [k, n] (BF16 only)
  bool n_side_blocks = true;   ///< FP8 scales of B: 128x128, else 1x128. Those of A are 1x128.
  bool accumulate = false;     ///< FP32 out += A B^T, else BF16 out =
};

/// Device pointers of one call.
struct LtPointers {
  const void* m_side = nullptr;
  const void* n_side = nullptr;
  const float* m_scales = nullptr;
  const float* n_scales = nullptr;
  void* out = nullptr;
};

/// A cuBLASLt handle with a workspace. Calls that share one must share a stream.
class LtContext {
 public:
  static constexpr std::size_t kWorkspaceBytes = std::size_t{64} << 20;
  LtContext();
  ~LtContext();
  LtContext(const LtContext&) = delete;
  LtContext& operator=(const LtContext&) = delete;
  [[nodiscard]] cublasLtHandle_t handle() const { return handle_; }
  [[nodiscard]] void* workspace() const { return workspace_; }

 private:
  cublasLtHandle_t handle_ = nullptr;
  void* workspace_ = nullptr;
};

template <auto kDestroy>
struct LtDestroy {
  template <class T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};

/// One GEMM with its algorithm. `context` must outlive it.
class LtGemm {
 public:
  /// Times the algorithms that the library proposes on the given operands (`pointers.out` is written) and
  /// keeps the fastest. Throws UnsupportedCase where it proposes none, CudaError where all fail.
  LtGemm(const LtContext& context, const LtShape& shape, const LtPointers& pointers, cudaStream_t stream);

  /// Asynchronous; may be captured.
  void run(const LtPointers& pointers, cudaStream_t stream);
  /// The number that the library gives the algorithm kept.
  [[nodiscard]] int algorithm() const { return algorithm_; }

 private:
  using Operation = std::unique_ptr<cublasLtMatmulDescOpaque_t, LtDestroy<cublasLtMatmulDescDestroy>>;
  using Layout = std::unique_ptr<cublasLtMatrixLayoutOpaque_t, LtDestroy<cublasLtMatrixLayoutDestroy>>;

  void describe();
  void choose(const LtPointers& pointers, cudaStream_t stream);
  void set_scales(const LtPointers& pointers);
  void run_with(const cublasLtMatmulAlgo_t& algorithm, const LtPointers& pointers, cudaStream_t stream);

  const LtContext& context_;
  LtShape shape_;
  Operation operation_;
  Layout first_, second_, out_;
  cublasLtMatmulAlgo_t best_{};
  int algorithm_ = -1;
};

}  // namespace moesim
