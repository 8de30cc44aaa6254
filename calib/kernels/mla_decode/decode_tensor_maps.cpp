#include <cudaTypedefs.h>
#include <array>

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/mla_decode/decode_wgmma.hpp"

namespace moesim {
namespace {

/// A map of BF16 with rows of 576 elements; boxes of 64 x 64, zeros outside.
template <std::size_t kRank>
CUtensorMap make_map(const __nv_bfloat16* data, const std::array<cuuint64_t, kRank>& sizes,
                     const std::array<cuuint64_t, kRank - 1>& strides) {
  std::array<cuuint32_t, kRank> box;
  std::array<cuuint32_t, kRank> steps;
  box.fill(1);
  steps.fill(1);
  box[0] = box[1] = 64;
  CUtensorMap map;
  static const auto encode =
      driver_function<PFN_cuTensorMapEncodeTiled_v12000>("cuTensorMapEncodeTiled", 12000);
  const CUresult status = encode(&map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, static_cast<cuuint32_t>(kRank),
                                 const_cast<__nv_bfloat16*>(data), sizes.data(), strides.data(), box.data(),
                                 steps.data(), CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                                 CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  check_call(status == CUDA_SUCCESS, "cuTensorMapEncodeTiled",
             "the driver refused with code " + std::to_string(static_cast<int>(status)));
  return map;
}

}  // namespace

DecodeTensorMaps make_decode_tensor_maps(const DecodeParams& params, int num_pages) {
  constexpr cuuint64_t kRowBytes = kDecodeKeyDim * 2;
  const auto rows = static_cast<cuuint64_t>(params.shape.rows());
  const auto batch = static_cast<cuuint64_t>(params.shape.batch);
  const auto tokens = static_cast<cuuint64_t>(num_pages) * kPageTokens;
  DecodeTensorMaps maps;
  maps.query = make_map<3>(params.query, {kDecodeKeyDim, rows, batch}, {kRowBytes, kRowBytes * rows});
  maps.cache = make_map<2>(params.cache, {kDecodeKeyDim, tokens}, {kRowBytes});
  return maps;
}

}  // namespace moesim
