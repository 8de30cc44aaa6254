#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "sim/runner/side_by_side.hpp"

namespace moesim {

/// Calls `work` with 0 to `num` - 1 on `threads` threads, which take the next one when they are free.
inline void in_rounds(std::size_t num, int threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  side_by_side(static_cast<std::size_t>(threads < 1 ? 1 : threads), threads, [&](std::size_t) {
    for (std::size_t i = next++; i < num; i = next++) work(i);
  });
}

}  // namespace moesim
