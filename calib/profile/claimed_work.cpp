#include "calib/profile/claimed_work.hpp"

#include <fmt/format.h>

namespace moesim {

namespace {

constexpr double kHalf = 2;           // bytes of a BF16 or FP16 number
constexpr double kSingle = 4;         // of an FP32 number, as main gradients are
constexpr double kLatentWidth = 576;  // of a cached token of latent attention
constexpr double kLatentValue = 512;

double gemm_bytes(const Entry& e, double groups) {
  const double m = e.axis("m"), n = e.axis("n"), k = e.axis("k");
  const double result = e.role == GemmRole::weight_gradient ? kSingle : kHalf;
  return groups * (bytes_per_element(e.format) * k * (m + n) + result * m * n);
}

double hbm_bytes(const Entry& e) {
  switch (e.op) {
    case TimedOperator::gemm:
      return gemm_bytes(e, 1);
    case TimedOperator::grouped_gemm:
    case TimedOperator::grouped_gemm_masked:
      return gemm_bytes(e, e.axis("groups"));
    case TimedOperator::batched_gemm:
      return gemm_bytes(e, e.axis("batch"));
    case TimedOperator::mla_decode:
      return e.axis("batch") * kHalf *
             (e.axis("length") * kLatentWidth +
              e.axis("queries") * e.axis("heads") * (kLatentWidth + kLatentValue));
    case TimedOperator::attention_prefill:
      return 2 * kHalf * e.axis("heads") * e.axis("length") * (e.axis("qk_dim") + e.axis("v_dim"));
    case TimedOperator::gqa_prefill:
      return 2 * kHalf * e.axis("batch") * e.axis("length") * e.axis("head_dim") *
             (e.axis("heads") + e.axis("kv_heads"));
    case TimedOperator::gqa_decode:
      return 2 * kHalf * e.axis("batch") * e.axis("head_dim") *
             (e.axis("heads") + e.axis("length") * e.axis("kv_heads"));
    case TimedOperator::mla_prefill_absorbed:
      return kHalf * e.axis("batch") * e.axis("length") *
             (kLatentWidth + e.axis("heads") * (kLatentWidth + kLatentValue));
    case TimedOperator::expert_mlp:  // the weights of each expert that has rows
      return bytes_per_element(e.format) * 3 * e.axis("experts") * e.axis("hidden") * e.axis("inter");
    default:
      return 0;
  }
}

double link_bytes(const Entry& e) {
  switch (e.op) {
    case TimedOperator::all_reduce:  // in the switch it sends no more than the others
    case TimedOperator::all_gather:
    case TimedOperator::reduce_scatter:
    case TimedOperator::all_to_all:
      return e.axis("bytes") * (1 - 1 / e.axis("num_gpus"));
    case TimedOperator::dispatch_low_latency:
    case TimedOperator::combine_low_latency:
      return e.axis("tokens") * e.axis("top_k") * e.axis("hidden") * bytes_per_element(e.format) *
             (1 - 1 / e.axis("ep"));
    default:
      return 0;
  }
}

}  // namespace

ClaimedWork claimed_work(const Entry& entry) {
  return {flops_of(entry).value(), hbm_bytes(entry), link_bytes(entry)};
}

std::optional<std::string> impossibility(const ClaimedWork& work, NumberFormat format, double seconds,
                                         const GpuFacts& gpu) {
  const double peak = gpu.peak_of(format).value();
  if (work.flops > 0 && work.flops / seconds > peak)
    return fmt::format("needs {:.0f} TFLOP/s of {:.0f}", work.flops / seconds / 1e12, peak / 1e12);
  const double hbm = gpu.hbm_bandwidth.value();
  if (work.hbm_bytes / seconds > hbm)
    return fmt::format("needs {:.0f} GB/s of HBM of {:.0f}", work.hbm_bytes / seconds / 1e9, hbm / 1e9);
  const double link = gpu.nvlink_bandwidth.value();
  if (work.link_bytes / seconds > link)
    return fmt::format("needs {:.0f} GB/s of NVLink of {:.0f}", work.link_bytes / seconds / 1e9, link / 1e9);
  return std::nullopt;
}

}  // namespace moesim
