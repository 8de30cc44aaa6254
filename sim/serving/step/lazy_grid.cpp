#include "sim/serving/step/lazy_grid.hpp"

namespace moesim {

const TokenAxis::Fine& TokenAxis::fine() {
  static const Fine table = [] {
    constexpr std::size_t kWhole = 256, kQuarters = 2048, kTile = 64, kQuarter = 16;
    Fine out;
    for (std::size_t tokens = 0; tokens <= static_cast<std::size_t>(kFine); ++tokens) {
      const bool first = tokens % kTile == 1;
      const std::size_t step = tokens <= kQuarters ? kQuarter : kTile;
      if (tokens > 0 && (tokens <= kWhole || first || tokens % step == 0))
        out.nodes.push_back(static_cast<double>(tokens));
      out.below.push_back(static_cast<std::uint16_t>(out.nodes.empty() ? 0 : out.nodes.size() - 1));
    }
    return out;
  }();
  return table;
}

}  // namespace moesim
