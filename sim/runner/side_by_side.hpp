#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace moesim {

/// Calls `work` with 0 to `num` - 1 on `threads` threads, this one included. Throws what the first of the
/// faulty threads threw.
inline void side_by_side(std::size_t num, int threads, const std::function<void(std::size_t)>& work) {
  const auto step = static_cast<std::size_t>(threads < 1 ? 1 : threads);
  std::vector<std::exception_ptr> faults(step);
  const auto share = [&](std::size_t first) {
    try {
      for (std::size_t i = first; i < num; i += step) work(i);
    } catch (...) {
      faults[first] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> workers;
    for (std::size_t t = 1; t < step; ++t) workers.emplace_back(share, t);
    share(0);
  }
  for (const std::exception_ptr& fault : faults) {
    if (fault) std::rethrow_exception(fault);
  }
}

}  // namespace moesim
