#include "calib/import/trace/kernel_class.hpp"

#include <algorithm>
#include <string>

namespace moesim {

namespace {

/// A name fits that holds `word`, and `also` where that is not empty; both in lower case.
struct Rule {
  std::string_view word;
  std::string_view also;
  KernelClass kernel;
};

// The first that fits counts, so that "flash_bwd" is found before "gemm" inside template arguments.
constexpr std::array kRules{
    Rule{"nccl", "", KernelClass::collective},
    Rule{"cross_device_reduce", "", KernelClass::collective},
    Rule{"deep_ep::", "", KernelClass::expert_transfer},
    Rule{"multi_tensor_apply", "", KernelClass::optimizer},
    Rule{"adam", "", KernelClass::optimizer},
    Rule{"flash", "bwd", KernelClass::attention_backward},
    Rule{"flash", "backward", KernelClass::attention_backward},
    Rule{"fmha", "bwd", KernelClass::attention_backward},
    Rule{"fmha", "backward", KernelClass::attention_backward},
    Rule{"sdpa", "bprop", KernelClass::attention_backward},
    Rule{"fmha_cutlassb", "", KernelClass::attention_backward},
    Rule{"flash_fwd", "", KernelClass::attention_forward},
    Rule{"flashattn", "fwd", KernelClass::attention_forward},
    Rule{"flash", "mla", KernelClass::attention_forward},
    Rule{"fmha", "", KernelClass::attention_forward},
    Rule{"sdpa", "fprop", KernelClass::attention_forward},
    Rule{"batchprefillwith", "", KernelClass::attention_forward},
    Rule{"batchdecodewith", "", KernelClass::attention_forward},
    Rule{"fused_moe", "", KernelClass::grouped_gemm},
    Rule{"gemm", "group", KernelClass::grouped_gemm},
    Rule{"grouped_mm", "", KernelClass::grouped_gemm},
    Rule{"nvjet", "", KernelClass::gemm},
    Rule{"gemm", "", KernelClass::gemm},
    Rule{"gemv", "", KernelClass::gemm},
    Rule{"xmma", "", KernelClass::gemm},
    Rule{"cutlass", "kernel", KernelClass::gemm},
    Rule{"splitkreduce", "", KernelClass::gemm},
    Rule{"memcpy", "", KernelClass::copy},
    Rule{"memset", "", KernelClass::copy},
};

}  // namespace

KernelClass classify_kernel(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto fits = [&](const Rule& rule) {
    return lower.find(rule.word) != std::string::npos && lower.find(rule.also) != std::string::npos;
  };
  const auto rule = std::find_if(kRules.begin(), kRules.end(), fits);
  return rule == kRules.end() ? KernelClass::small : rule->kernel;
}

}  // namespace moesim
