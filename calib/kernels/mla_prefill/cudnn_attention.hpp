#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string>

#include "calib/kernels/mla_prefill/prefill_params.hpp"

namespace moesim {

/// Causal attention of one sequence by cuDNN's engine, for the layouts of PrefillParams.
struct AttentionShape {
  int length = 0;
  int heads = 0;
  int key_dim = kPrefillKeyDim;
  int value_dim = kPrefillValueDim;
};

class CudnnAttention {
 public:
  /// Builds the plan on the current device. Throws CudaError with cuDNN's words where no engine takes the
  /// shape.
  CudnnAttention(const AttentionShape& shape, float scale, bool backward);
  ~CudnnAttention();
  CudnnAttention(const CudnnAttention&) = delete;
  CudnnAttention& operator=(const CudnnAttention&) = delete;

  /// One call on the buffers of `params`, asynchronous.
  void launch(const PrefillParams& params, cudaStream_t stream);

  /// Why cuDNN cannot run the shape on the current device; empty where it can. Builds no plan and
  /// allocates no workspace.
  static std::string unsupported(const AttentionShape& shape, bool backward);
  /// Of cuDNN, e.g. "cuDNN 9.19.0".
  static std::string library();

 private:
  struct Plan;
  /// The graph with the engines that take it, none of them built.
  static std::unique_ptr<Plan> find_engines(const AttentionShape& shape, float scale, bool backward);

  std::unique_ptr<Plan> plan_;
};

}  // namespace moesim
