#include "calib/import/trace/kernel_class.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

struct Named {
  const char* name;
  KernelClass what;
};

class Kernels : public testing::TestWithParam<Named> {};

TEST_P(Kernels, AreToldByTheirNames) {
  EXPECT_EQ(classify_kernel(GetParam().name), GetParam().what) << GetParam().name;
}

// Names as the libraries give them.
INSTANTIATE_TEST_SUITE_P(
    Libraries, Kernels,
    testing::Values(
        Named{"nvjet_hsh_128x256_64x4_2x1_v_bz_coopA_NNT", KernelClass::gemm},
        Named{"sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_cublas", KernelClass::gemm},
        Named{"void deep_gemm::sm90_fp8_gemm_1d2d_impl<0u, 2112u, 7168u>", KernelClass::gemm},
        Named{"void cutlass::device_kernel<cutlass::gemm::kernel::GemmUniversal<"
              "cutlass::gemm::GroupProblemShape<cute::tuple<int, int, int>>>>",
              KernelClass::grouped_gemm},
        Named{"fused_moe_kernel", KernelClass::grouped_gemm},
        Named{"void cublasLt::splitKreduce_kernel<32, 16, int, float>", KernelClass::gemm},
        Named{"void flash_fwd_kernel<Flash_fwd_kernel_traits<128, 128, 64, 4>>",
              KernelClass::attention_forward},
        Named{"void flash_bwd_dq_dk_dv_loop_seqk_parallel_kernel<>", KernelClass::attention_backward},
        Named{"cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma_f16_knob_7",
              KernelClass::attention_forward},
        Named{"cudnn_generated_fort_native_sdpa_sm90_flash_bprop_wgmma_f16_knob_3",
              KernelClass::attention_backward},
        Named{"void cutlass::device_kernel<flash::FlashAttnFwdSm90<>>", KernelClass::attention_forward},
        Named{"void cutlass::device_kernel<flash::FlashAttnBwdSm90<>>", KernelClass::attention_backward},
        Named{"void flash_fwd_splitkv_mla_kernel<>", KernelClass::attention_forward},
        Named{"ncclDevKernel_ReduceScatter_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)",
              KernelClass::collective},
        Named{"ncclKernel_SendRecv_RING_SIMPLE_Sum_int8_t", KernelClass::collective},
        Named{"void deep_ep::internode::dispatch<false, 4, false, 8192, 12>", KernelClass::expert_transfer},
        Named{"void deep_ep::internode_ll::combine<7168, 9, 4>", KernelClass::expert_transfer},
        Named{"void at::native::(anonymous namespace)::multi_tensor_apply_kernel<>", KernelClass::optimizer},
        Named{"Memcpy DtoD (Device -> Device)", KernelClass::copy},
        Named{"Memset (Device)", KernelClass::copy},
        Named{"void at::native::vectorized_elementwise_kernel<4>", KernelClass::small},
        Named{"triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_3", KernelClass::small},
        Named{"", KernelClass::small}));

}  // namespace
}  // namespace moesim
