#pragma once

#include <array>
#include <optional>

#include "calib/profile/kriged_times.hpp"

namespace moesim {

/// Causal attention of `batch` whole sequences of `length` tokens; below 1 sequence a part of one, as under
/// context parallelism. The absorbed form of latent attention is 576 and 512 wide with one KV head.
struct PrefillShape {
  double heads = 0;
  double kv_heads = 0;
  double qk_dim = 0;
  double v_dim = 0;
  double batch = 1;
  double length = 0;

  [[nodiscard]] double flops() const;
  [[nodiscard]] double bytes() const;  ///< queries, keys, values and output in BF16, once
};

/// Decode of latent attention in its absorbed form: `queries` tokens of each of `batch` sequences against
/// `length` cached ones. Of sequences of several lengths take the mean.
struct MlaDecodeShape {
  double heads = 0;
  double queries = 1;
  double batch = 1;
  double length = 0;
  NumberFormat cache = NumberFormat::bf16;

  [[nodiscard]] double flops() const;
  [[nodiscard]] double bytes() const;  ///< the cache once, queries and output
};

/// Decode of grouped-query attention: one token of each of `batch` sequences against `length` cached ones,
/// BF16. Of sequences of several lengths take the mean.
struct GqaDecodeShape {
  double head_dim = 0;
  double heads = 0;
  double kv_heads = 0;
  double batch = 1;
  double length = 0;
  double v_dim = 0;  ///< 0: as head_dim

  [[nodiscard]] double flops() const;
  [[nodiscard]] double bytes() const;
};

inline constexpr double kAbsorbedQkDim = 576;  ///< 512 of the latent and 64 of the rotary part
inline constexpr double kAbsorbedVDim = 512;

/// Kernels that prompts run through.
enum class PrefillKernel { general, absorbed, gqa };

/// Times of the attention kernels of one profile. Rules and their held-out errors: docs/calibration.md.
class AttentionCurves {
 public:
  explicit AttentionCurves(const GpuFacts& gpu);

  /// Whether it takes entries of this operator.
  static bool takes(TimedOperator op);
  void add(const Entry& entry, const TimeEstimate& estimate);

  [[nodiscard]] bool has(PrefillKernel kernel, bool backward = false) const;
  /// Must have that kernel. A part of a sequence takes its share of the time of a whole one.
  [[nodiscard]] TimeEstimate prefill(PrefillKernel kernel, const PrefillShape& shape,
                                     bool backward = false) const;

  /// Nothing without an entry. A cache in another format than was timed takes the time of BF16.
  [[nodiscard]] std::optional<TimeEstimate> decode(const MlaDecodeShape& shape) const;
  [[nodiscard]] std::optional<TimeEstimate> decode(const GqaDecodeShape& shape) const;

 private:
  std::array<std::array<KrigedTimes, 2>, 3> prefill_;  ///< [PrefillKernel][forward, backward]
  KrigedTimes mla_decode_, mla_decode_fp8_, gqa_decode_;
};

}  // namespace moesim
