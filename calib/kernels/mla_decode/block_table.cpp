#include <numeric>
#include <utility>

#include "base/random.hpp"
#include "calib/kernels/mla_decode/decode_inputs.hpp"

namespace moesim {

std::vector<int> make_block_table(const std::vector<int>& lengths, int stride, std::uint64_t seed) {
  int total = 0;
  for (const int length : lengths) total += num_pages_of(length);
  std::vector<int> order(static_cast<std::size_t>(total));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random(seed, stream_of("decode_pages"));
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  std::vector<int> table(lengths.size() * static_cast<std::size_t>(stride), 0);
  std::size_t next = 0;
  for (std::size_t sequence = 0; sequence < lengths.size(); ++sequence) {
    for (int page = 0; page < num_pages_of(lengths[sequence]); ++page)
      table[sequence * static_cast<std::size_t>(stride) + static_cast<std::size_t>(page)] = order[next++];
  }
  return table;
}

}  // namespace moesim
