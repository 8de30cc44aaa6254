#include "calib/kernels/grouped_gemm/cublas_grouped.hpp"

#include <cublas_v2.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "calib/measure/unsupported_case.hpp"

namespace moesim {

namespace {

constexpr std::size_t kWorkspaceBytes = std::size_t{64} << 20;

void check_blas(cublasStatus_t status, const char* call,
                std::source_location where = std::source_location::current()) {
  check_call(status == CUBLAS_STATUS_SUCCESS, call, cublasGetStatusString(status), where);
}

/// A handle with a workspace of its own: that of the library would be allocated within a capture.
class Blas {
 public:
  Blas() : workspace_(kWorkspaceBytes) { check_blas(cublasCreate(&handle_), "cublasCreate"); }
  ~Blas() { cublasDestroy(handle_); }
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;
  /// The handle, working on `stream`. cublasSetStream takes the workspace away, so it is given again.
  cublasHandle_t on(cudaStream_t stream) {
    check_blas(cublasSetStream(handle_, stream), "cublasSetStream");
    check_blas(cublasSetWorkspace(handle_, workspace_.data(), workspace_.bytes()), "cublasSetWorkspace");
    return handle_;
  }

 private:
  DeviceBuffer<std::byte> workspace_;
  cublasHandle_t handle_ = nullptr;
};

/// Arrays of pointers on the device, one entry a group with rows.
struct Pointers {
  DeviceBuffer<const void*> n_sides, m_sides;
  DeviceBuffer<void*> outs;
};

/// Shapes on the host, as the library counts: column-major, the n side first.
struct Shapes {
  std::vector<cublasOperation_t> n_ops, m_ops;
  std::vector<int> n, m, k, n_leading, m_leading, out_leading, counts;
  std::vector<float> alphas, betas;

  void add(const OperandLayout& m_side, const OperandLayout& n_side) {
    n_ops.push_back(n_side.k_major ? CUBLAS_OP_T : CUBLAS_OP_N);
    m_ops.push_back(m_side.k_major ? CUBLAS_OP_N : CUBLAS_OP_T);
    n.push_back(n_side.rows);
    m.push_back(m_side.rows);
    k.push_back(m_side.k);
    n_leading.push_back(n_side.k_major ? n_side.k : n_side.rows);
    m_leading.push_back(m_side.k_major ? m_side.k : m_side.rows);
    out_leading.push_back(n_side.rows);
    counts.push_back(1);
    alphas.push_back(1);
    betas.push_back(0);
  }
};

class CublasGroupedRunner final : public GemmRunner {
 public:
  CublasGroupedRunner(const GemmProblem& problem, std::span<GemmSet> sets) {
    std::vector<std::size_t> used;
    for (std::size_t g = 0; g < problem.sizes.size(); ++g) {
      if (problem.sizes[g].m == 0) continue;
      used.push_back(g);
      shapes_.add(problem.m_side.groups[g].layout, problem.n_side.groups[g].layout);
    }
    for (GemmSet& set : sets) {
      std::vector<const void*> n_sides, m_sides;
      std::vector<void*> outs;
      for (const std::size_t g : used) {
        n_sides.push_back(set.n_side.data(g));
        m_sides.push_back(set.m_side.data(g));
        outs.push_back(set.out_of(problem, g));
      }
      pointers_.push_back({DeviceBuffer<const void*>(std::span<const void* const>(n_sides)),
                           DeviceBuffer<const void*>(std::span<const void* const>(m_sides)),
                           DeviceBuffer<void*>(std::span<void* const>(outs))});
    }
  }

  void launch(std::size_t set, cudaStream_t stream) override {
    Pointers& p = pointers_[set];
    const auto status = cublasGemmGroupedBatchedEx(
        blas_.on(stream), shapes_.n_ops.data(), shapes_.m_ops.data(), shapes_.n.data(), shapes_.m.data(),
        shapes_.k.data(), shapes_.alphas.data(), p.n_sides.data(), CUDA_R_16BF, shapes_.n_leading.data(),
        p.m_sides.data(), CUDA_R_16BF, shapes_.m_leading.data(), shapes_.betas.data(), p.outs.data(),
        CUDA_R_16BF, shapes_.out_leading.data(), static_cast<int>(shapes_.counts.size()),
        shapes_.counts.data(), CUBLAS_COMPUTE_32F);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED)
      throw UnsupportedCase("cublasGemmGroupedBatchedEx does not do it");
    check_blas(status, "cublasGemmGroupedBatchedEx");
  }

  [[nodiscard]] std::string kernel() const override {
    return fmt::format("cublasGemmGroupedBatchedEx {}.{}.{}", CUBLAS_VER_MAJOR, CUBLAS_VER_MINOR,
                       CUBLAS_VER_PATCH);
  }

 private:
  Blas blas_;
  Shapes shapes_;
  std::vector<Pointers> pointers_;  // [input sets]
};

}  // namespace

std::unique_ptr<GemmRunner> make_cublas_grouped_runner(const GemmProblem& problem, std::span<GemmSet> sets) {
  if (problem.format != NumberFormat::bf16 || problem.accumulates())
    throw RunError("make_cublas_grouped_runner: not a BF16 GEMM with a BF16 output");
  return std::make_unique<CublasGroupedRunner>(problem, sets);
}

}  // namespace moesim
