#include "calib/kernels/gemm/fp8_plan.cuh"

namespace moesim {

using Config = Fp8Kernel<cute::Shape<cute::Int<64>, cute::Int<128>, cute::Int<128>>,
                         cute::Shape<cute::Int<1>, cute::Int<1>, cute::Int<1>>,
                         cutlass::gemm::KernelPtrArrayTmaWarpSpecializedPingpongFP8Blockwise,
                         cutlass::epilogue::PtrArrayTmaWarpSpecializedPingpong>;

const Fp8Tile kFp8Pingpong{"4.2 ping-pong 64x128x128, cluster 1x1", fp8_plan<Config>};

}  // namespace moesim
