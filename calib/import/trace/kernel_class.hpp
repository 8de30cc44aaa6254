#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "base/spec.hpp"

namespace moesim {

/// What kind of work a kernel does, by its name.
enum class KernelClass {
  gemm,
  grouped_gemm,
  attention_forward,
  attention_backward,
  collective,       ///< NCCL and collectives of frameworks
  expert_transfer,  ///< dispatch and combine
  optimizer,
  copy,  ///< copies and fills
  small,
};
template <>
struct EnumNames<KernelClass> {
  static constexpr std::array<std::pair<KernelClass, std::string_view>, 9> table{{
      {KernelClass::gemm, "gemm"},
      {KernelClass::grouped_gemm, "grouped_gemm"},
      {KernelClass::attention_forward, "attention_forward"},
      {KernelClass::attention_backward, "attention_backward"},
      {KernelClass::collective, "collective"},
      {KernelClass::expert_transfer, "expert_transfer"},
      {KernelClass::optimizer, "optimizer"},
      {KernelClass::copy, "copy"},
      {KernelClass::small, "small"},
  }};
};

/// The class of the first rule whose words the name holds, in any case; small where no rule fits. Rules know
/// the names that cuBLAS, cuDNN, CUTLASS, DeepGEMM, FlashAttention, FlashMLA, Triton, Transformer Engine,
/// NCCL, DeepEP and PyTorch give their kernels.
KernelClass classify_kernel(std::string_view name);

/// Whether it runs on a lane of communication.
inline bool is_communication(KernelClass kernel) {
  return kernel == KernelClass::collective || kernel == KernelClass::expert_transfer;
}

}  // namespace moesim
