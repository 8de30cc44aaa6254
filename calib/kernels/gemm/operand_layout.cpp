#include "calib/kernels/gemm/operand_layout.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

GroupedLayout grouped_layout(std::span<const GroupSide> sides, ScaleKind scales, bool k_major) {
  GroupedLayout all;
  for (const GroupSide& side : sides) {
    if (side.slots < side.rows || (!k_major && side.slots != side.rows)) {
      throw RunError(fmt::format("grouped_layout: {} slots for {} rows", side.slots, side.rows));
    }
    const OperandLayout layout{side.rows, side.k, k_major, scale_layout(scales, side.rows, side.k)};
    all.groups.push_back({layout, all.num_elements, all.num_scales});
    all.num_elements += std::int64_t{side.slots} * side.k;
    all.num_scales += (layout.scales.size + 3) / 4 * 4;
  }
  return all;
}

}  // namespace moesim
