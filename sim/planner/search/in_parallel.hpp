#pragma once

#include <cstddef>
#include <functional>

namespace moesim {

/// Calls `work` with 0 to `count` - 1 on `threads` threads, which take the next one when they are free. What
/// the first of faulty calls threw, by its number, is thrown once all are done.
void in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

}  // namespace moesim
