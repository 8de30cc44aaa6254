#include "calib/kernels/mla_decode/decode_inputs.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "calib/kernels/fill.hpp"
#include "calib/kernels/mla_decode/decode_kernels.hpp"

namespace moesim {
namespace {

double rows_of(const DecodeCase& decode) {
  return static_cast<double>(decode.shape.batch) * decode.shape.rows();
}

double pages_of(const DecodeCase& decode) {
  double pages = 0;
  for (const int length : decode.lengths) pages += num_pages_of(length);
  return std::max(pages, 1.0);
}

}  // namespace

DecodeCase read_decode_case(const MeasuredCase& point, std::uint64_t seed) {
  DecodeCase decode;
  decode.shape.batch = static_cast<int>(point.axis("batch"));
  decode.shape.heads = static_cast<int>(point.axis("heads"));
  decode.shape.queries = static_cast<int>(point.axis("queries"));
  decode.longest = static_cast<int>(point.axis("length"));
  decode.lengths.assign(static_cast<std::size_t>(decode.shape.batch), decode.longest);
  if (point.setting("ragged", 0) == 0) return decode;
  RandomStream random(seed, stream_of("decode_lengths"));
  for (int& length : decode.lengths)
    length = static_cast<int>(random.below(static_cast<std::uint64_t>(decode.longest) + 1));
  return decode;
}

Work work_of(const DecodeCase& decode) {
  Work work;
  for (const int length : decode.lengths) {
    for (int unseen = 0; unseen < decode.shape.queries; ++unseen) {
      work.flops +=
          2.0 * decode.shape.heads * std::max(length - unseen, 0) * (kDecodeKeyDim + kDecodeValueDim);
    }
    work.hbm_bytes += 2.0 * kDecodeKeyDim * length;
  }
  work.hbm_bytes += rows_of(decode) * (2.0 * kDecodeKeyDim + 2.0 * kDecodeValueDim + 4);
  return work;
}

double memory_of(const DecodeCase& decode, int num_parts, int num_sets) {
  const double cache = pages_of(decode) * kPageTokens * kDecodeKeyDim * 2;
  const double slots = std::min<double>(num_parts + decode.shape.batch, 2.0 * num_parts);
  const double partial = slots * decode.shape.rows() * kDecodeValueDim * 4;
  const double query = rows_of(decode) * kDecodeKeyDim * 2;
  const double out = rows_of(decode) * (kDecodeValueDim * 2 + 4);
  return num_sets * (cache + query) + partial + out;
}

DecodeInputs::DecodeInputs(const DecodeCase& decode, std::uint64_t seed)
    : num_pages_(static_cast<int>(pages_of(decode))),
      table_stride_(std::max(num_pages_of(decode.longest), 1)) {
  const auto rows = static_cast<std::size_t>(rows_of(decode));
  query_ = DeviceBuffer<__nv_bfloat16>(rows * kDecodeKeyDim);
  cache_ = DeviceBuffer<__nv_bfloat16>(static_cast<std::size_t>(num_pages_) * kPageTokens * kDecodeKeyDim);
  block_table_ = DeviceBuffer<int>(make_block_table(decode.lengths, table_stride_, seed));
  lengths_ = DeviceBuffer<int>(decode.lengths);
  fill_normal(query_.data(), query_.size(), 2 * seed, 1.0f, nullptr);
  fill_normal(cache_.data(), cache_.size(), 2 * seed + 1, 1.0f, nullptr);
  DecodeParams params;
  params.shape = decode.shape;
  give_to(params);
  poison_cache_tails(params, cache_.data(), nullptr);
  check(cudaDeviceSynchronize());
}

void DecodeInputs::give_to(DecodeParams& params) const {
  params.query = query_.data();
  params.cache = cache_.data();
  params.block_table = block_table_.data();
  params.table_stride = table_stride_;
  params.lengths = lengths_.data();
}

}  // namespace moesim
