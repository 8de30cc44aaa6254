#include "calib/kernels/gemm/fp8_plan.cuh"

namespace moesim {

using Config = Fp8Kernel<cute::Shape<cute::Int<128>, cute::Int<128>, cute::Int<128>>,
                         cute::Shape<cute::Int<1>, cute::Int<2>, cute::Int<1>>,
                         cutlass::gemm::KernelPtrArrayTmaWarpSpecializedCooperativeFP8Blockwise,
                         cutlass::epilogue::PtrArrayTmaWarpSpecializedCooperative>;

const Fp8Tile kFp8Cooperative1x2{"4.2 cooperative 128x128x128, cluster 1x2", fp8_plan<Config>};

}  // namespace moesim
