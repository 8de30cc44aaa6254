#include "calib/kernels/gemm/lt_gemm.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <array>
#include <vector>

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/gemm/fastest.hpp"
#include "calib/measure/unsupported_case.hpp"

namespace moesim {

namespace {

constexpr int kMaxAlgorithms = 8;

void check_lt(cublasStatus_t status, const char* call,
              std::source_location where = std::source_location::current()) {
  check_call(status == CUBLAS_STATUS_SUCCESS, call, cublasGetStatusString(status), where);
}

cublasLtMatrixLayout_t matrix(cudaDataType_t type, int rows, int columns, int leading) {
  cublasLtMatrixLayout_t layout = nullptr;
  check_lt(cublasLtMatrixLayoutCreate(&layout, type, static_cast<std::uint64_t>(rows),
                                      static_cast<std::uint64_t>(columns), leading),
           "cublasLtMatrixLayoutCreate");
  return layout;
}

template <class T>
void set(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, const T& value) {
  check_lt(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof(value)),
           "cublasLtMatmulDescSetAttribute");
}

[[noreturn]] void refuse(const LtShape& shape) {
  throw UnsupportedCase(fmt::format("cublasLt {}.{}.{} knows no algorithm for {}x{}x{} in {}{}",
                                    CUBLAS_VER_MAJOR, CUBLAS_VER_MINOR, CUBLAS_VER_PATCH, shape.m, shape.n,
                                    shape.k, shape.fp8 ? "FP8" : "BF16",
                                    shape.accumulate ? " added to FP32" : ""));
}

/// The number that the library gives an algorithm; -1 where it tells none.
int algorithm_number(const cublasLtMatmulAlgo_t& algorithm) {
  int number = -1;
  std::size_t written = 0;
  const auto status = cublasLtMatmulAlgoConfigGetAttribute(&algorithm, CUBLASLT_ALGO_CONFIG_ID, &number,
                                                           sizeof(number), &written);
  return status == CUBLAS_STATUS_SUCCESS ? number : -1;
}

}  // namespace

LtContext::LtContext() {
  check_lt(cublasLtCreate(&handle_), "cublasLtCreate");
  const cudaError_t status = cudaMalloc(&workspace_, kWorkspaceBytes);
  if (status != cudaSuccess) cublasLtDestroy(handle_);
  check(status);
}

LtContext::~LtContext() {
  cudaFree(workspace_);
  cublasLtDestroy(handle_);
}

LtGemm::LtGemm(const LtContext& context, const LtShape& shape, const LtPointers& pointers,
               cudaStream_t stream)
    : context_(context), shape_(shape) {
  describe();
  choose(pointers, stream);
}

void LtGemm::describe() {
  cublasLtMatmulDesc_t operation = nullptr;
  check_lt(cublasLtMatmulDescCreate(&operation, CUBLAS_COMPUTE_32F, CUDA_R_32F), "cublasLtMatmulDescCreate");
  operation_.reset(operation);
  const cublasOperation_t first_op = shape_.n_side_k_major ? CUBLAS_OP_T : CUBLAS_OP_N;
  const cublasOperation_t second_op = shape_.m_side_k_major ? CUBLAS_OP_N : CUBLAS_OP_T;
  set(operation, CUBLASLT_MATMUL_DESC_TRANSA, first_op);
  set(operation, CUBLASLT_MATMUL_DESC_TRANSB, second_op);
  if (shape_.fp8) {
    const cublasLtMatmulMatrixScale_t vectors = CUBLASLT_MATMUL_MATRIX_SCALE_VEC128_32F;
    const cublasLtMatmulMatrixScale_t blocks = CUBLASLT_MATMUL_MATRIX_SCALE_BLK128x128_32F;
    set(operation, CUBLASLT_MATMUL_DESC_A_SCALE_MODE, shape_.n_side_blocks ? blocks : vectors);
    set(operation, CUBLASLT_MATMUL_DESC_B_SCALE_MODE, vectors);
  }
  // A row-major [rows, columns] matrix is a column-major [columns, rows] one.
  const cudaDataType_t type = shape_.fp8 ? CUDA_R_8F_E4M3 : CUDA_R_16BF;
  first_.reset(shape_.n_side_k_major ? matrix(type, shape_.k, shape_.n, shape_.k)
                                     : matrix(type, shape_.n, shape_.k, shape_.n));
  second_.reset(shape_.m_side_k_major ? matrix(type, shape_.k, shape_.m, shape_.k)
                                      : matrix(type, shape_.m, shape_.k, shape_.m));
  out_.reset(matrix(shape_.accumulate ? CUDA_R_32F : CUDA_R_16BF, shape_.n, shape_.m, shape_.n));
}

void LtGemm::choose(const LtPointers& pointers, cudaStream_t stream) {
  cublasLtMatmulPreference_t made = nullptr;
  check_lt(cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
  const std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, LtDestroy<cublasLtMatmulPreferenceDestroy>>
      preference(made);
  const std::size_t workspace = LtContext::kWorkspaceBytes;
  check_lt(cublasLtMatmulPreferenceSetAttribute(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace,
                                                sizeof(workspace)),
           "cublasLtMatmulPreferenceSetAttribute");
  set_scales(pointers);
  std::array<cublasLtMatmulHeuristicResult_t, kMaxAlgorithms> found{};
  int num_found = 0;
  const auto status =
      cublasLtMatmulAlgoGetHeuristic(context_.handle(), operation_.get(), first_.get(), second_.get(),
                                     out_.get(), out_.get(), made, kMaxAlgorithms, found.data(), &num_found);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) refuse(shape_);
  check_lt(status, "cublasLtMatmulAlgoGetHeuristic");
  std::vector<Launch> launches;
  std::vector<int> indices;
  for (int i = 0; i < num_found; ++i) {
    const auto& result = found[static_cast<std::size_t>(i)];
    if (result.state != CUBLAS_STATUS_SUCCESS || result.workspaceSize > workspace) continue;
    indices.push_back(i);
    launches.emplace_back(
        [this, &result, &pointers](cudaStream_t on) { run_with(result.algo, pointers, on); });
  }
  if (launches.empty()) refuse(shape_);
  const std::size_t best = fastest(launches, stream);
  best_ = found[static_cast<std::size_t>(indices[best])].algo;
  algorithm_ = algorithm_number(best_);
}

void LtGemm::set_scales(const LtPointers& pointers) {
  if (!shape_.fp8) return;
  set(operation_.get(), CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, pointers.n_scales);
  set(operation_.get(), CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, pointers.m_scales);
}

void LtGemm::run(const LtPointers& pointers, cudaStream_t stream) {
  run_with(best_, pointers, stream);
}

void LtGemm::run_with(const cublasLtMatmulAlgo_t& algorithm, const LtPointers& pointers,
                      cudaStream_t stream) {
  set_scales(pointers);
  const float alpha = 1;
  const float beta = shape_.accumulate ? 1 : 0;
  check_lt(cublasLtMatmul(context_.handle(), operation_.get(), &alpha, pointers.n_side, first_.get(),
                          pointers.m_side, second_.get(), &beta, pointers.out, out_.get(), pointers.out,
                          out_.get(), &algorithm, context_.workspace(), LtContext::kWorkspaceBytes, stream),
           "cublasLtMatmul");
}

}  // namespace moesim
