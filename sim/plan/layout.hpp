#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"
#include "sim/schedule/schedule_table.hpp"

namespace moesim {

template <>
struct EnumNames<ScheduleKind> {
  static constexpr auto table = kScheduleNames;
};

/// What the backward pass computes again instead of keeping.
enum class Recompute : std::uint8_t {
  rms_norm,           ///< outputs of every RMSNorm
  mla_up_projection,  ///< queries, keys and values from their latents
};

template <>
struct EnumNames<Recompute> {
  static constexpr std::array<std::pair<Recompute, std::string_view>, 2> table{
      {{Recompute::rms_norm, "rms_norm"}, {Recompute::mla_up_projection, "mla_up_projection"}}};
};

/// How the ranks of a training job are arranged. Attention and everything else outside routed experts is
/// spread over tp x cp x dp x pp; routed experts are spread over etp x ep x edp x pp, independently of the
/// former. dp and edp follow from the cluster: GPUs / (tp cp pp) and GPUs / (etp ep pp).
struct Layout {
  int tp = 1;
  int pp = 1;
  int vpp = 1;  ///< stages of a pipeline rank, for schedules that interleave
  int cp = 1;
  int ep = 1;
  int etp = 1;
  int zero = 1;  ///< 0: nothing sharded, 1: optimizer states, 2: and gradients, 3: and weights
  ScheduleKind schedule = ScheduleKind::one_f_one_b;
  int micro_batch = 1;  ///< sequences
  std::vector<Recompute> recompute;
  std::vector<int> stage_layers;  ///< transformer layers of each stage, in forward order; empty: balanced

  [[nodiscard]] bool recomputes(Recompute what) const;
  /// The pipeline of `num_microbatches`; without them, as far as stages go.
  [[nodiscard]] ScheduleShape pipeline(int num_microbatches = 1) const;
};

const Spec<Layout>& spec_of(const Layout*);

}  // namespace moesim
