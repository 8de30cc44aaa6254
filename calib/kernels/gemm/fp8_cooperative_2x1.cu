#include "calib/kernels/gemm/fp8_plan.cuh"

namespace moesim {

using Config = Fp8Kernel<cute::Shape<cute::Int<128>, cute::Int<128>, cute::Int<128>>,
                         cute::Shape<cute::Int<2>, cute::Int<1>, cute::Int<1>>,
                         cutlass::gemm::KernelPtrArrayTmaWarpSpecializedCooperativeFP8Blockwise,
                         cutlass::epilogue::PtrArrayTmaWarpSpecializedCooperative>;

const Fp8Tile kFp8Cooperative2x1{"4.2 cooperative 128x128x128, cluster 2x1", fp8_plan<Config>};

}  // namespace moesim
