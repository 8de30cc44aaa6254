#pragma once

// The part of instructions.hpp for sm_90a: barriers with phases, tensor copies, warpgroup products.

#include <map>
#include <stdexcept>

#include "tests/calib_kernels/fibers/instructions.hpp"

namespace moesim {

using SharedBarrier = std::uint64_t;

namespace fibers {

/// A barrier of shared memory by its address; `completed` phases so far.
struct PhasedBarrier {
  int arrivals = 0;
  int pending = 0;
  long bytes = 0;
  int completed = 0;
  void settle() {
    if (pending != 0 || bytes != 0) return;
    pending = arrivals;
    ++completed;
  }
};
inline std::map<const void*, PhasedBarrier> phased_barriers;
inline PhasedBarrier& phased(const void* barrier) {
  const auto found = phased_barriers.find(barrier);
  if (found == phased_barriers.end()) throw std::runtime_error("a barrier that was not initialised");
  return found->second;
}

/// What a test writes into a CUtensorMap.
struct TensorFacts {
  const __nv_bfloat16* data = nullptr;
  std::int64_t columns = 0, rows = 0, matrices = 1;
};
inline CUtensorMap make_map(const TensorFacts& facts) {
  CUtensorMap map{};
  static_assert(sizeof(facts) <= sizeof(map));
  std::memcpy(static_cast<void*>(&map), &facts, sizeof(facts));
  return map;
}

/// Whether products read their operands when they are started or only when they are waited for.
inline bool products_read_late = false;
inline std::map<int, std::vector<std::function<void()>>> started_products;

inline void start_product(std::function<void()> product) {
  if (products_read_late) {
    started_products[Block::current().thread()].push_back(std::move(product));
  } else {
    product();
  }
}

/// Fields of a descriptor, in bytes.
struct Operand {
  std::uint32_t address, leading, stride;
  explicit Operand(std::uint64_t descriptor)
      : address(static_cast<std::uint32_t>(descriptor & 0x3fff) * 16),
        leading(static_cast<std::uint32_t>(descriptor >> 16 & 0x3fff) * 16),
        stride(static_cast<std::uint32_t>(descriptor >> 32 & 0x3fff) * 16) {
    if (descriptor >> 62 != 1) throw std::runtime_error("no descriptor of the 128-byte swizzle");
  }
  static std::uint32_t swizzled(std::uint32_t at) { return at ^ (at >> 7 & 7) << 4; }
  /// Element (row, k) of an operand by rows.
  [[nodiscard]] float by_rows(int row, int k) const {
    const auto r = static_cast<std::uint32_t>(row);
    return bf16_at(swizzled(address + r / 8 * stride + r % 8 * 128 + 2 * static_cast<std::uint32_t>(k)));
  }
  /// Element (k, n) of an operand by columns.
  [[nodiscard]] float by_columns(int k, int n) const {
    const auto i = static_cast<std::uint32_t>(k);
    const auto j = static_cast<std::uint32_t>(n);
    return bf16_at(swizzled(address + j / 64 * leading + i / 8 * stride + i % 8 * 128 + j % 64 * 2));
  }
};

template <int kSize, class ElementB>
void multiply(float (&d)[kSize], std::uint64_t a, ElementB b, bool add) {
  const int thread = Block::current().thread() % 128;
  for (int half = 0; half < 2; ++half) {
    const RowColumn at = accumulator_element(thread % 32, 2 * half);
    float row[16];
    for (int k = 0; k < 16; ++k) row[k] = Operand(a).by_rows(thread / 32 * 16 + at.row, k);
    for (int j = 0; j < kSize / 4; ++j) {
      for (int i = 0; i < 2; ++i) {
        float& sum = d[4 * j + 2 * half + i];
        if (!add) sum = 0;
        for (int k = 0; k < 16; ++k) sum += row[k] * b(k, 8 * j + at.column + i);
      }
    }
  }
}

}  // namespace fibers

inline void init_barrier(SharedBarrier* barrier, int arrivals) {
  fibers::phased_barriers[barrier] = {arrivals, arrivals, 0, 0};
}
inline void publish_barriers() {}
inline void arrive(SharedBarrier* barrier) {
  auto& state = fibers::phased(barrier);
  --state.pending;
  state.settle();
}
inline void arrive_expecting(SharedBarrier* barrier, int bytes) {
  fibers::phased(barrier).bytes += bytes;
  arrive(barrier);
}
inline void wait(SharedBarrier* barrier, int parity) {
  const auto& state = fibers::phased(barrier);
  fibers::Block::current().wait_until([&] { return state.completed % 2 != parity; });
}
inline void fence_for_async_reads() {}
inline void sync_threads(int id, int threads) {
  fibers::Block::current().sync(id, threads);
}

inline void copy_box(void* to, const CUtensorMap* map, SharedBarrier* barrier, int column, int row,
                     int matrix) {
  fibers::TensorFacts facts;
  std::memcpy(static_cast<void*>(&facts), map, sizeof(facts));
  fibers::Block& block = fibers::Block::current();
  const std::uint32_t base = shared_address(to);
  if (base % 1024 != 0) throw std::runtime_error("a swizzled box that is not aligned to 1024 bytes");
  block.later([=, &block] {
    for (int r = 0; r < 64; ++r) {
      for (int c = 0; c < 64; ++c) {
        const bool inside = row + r < facts.rows && column + c < facts.columns && matrix < facts.matrices;
        const auto plain = base + static_cast<std::uint32_t>(r * 128 + c * 2);
        unsigned char* at = block.at(fibers::Operand::swizzled(plain), 2);
        std::memset(at, 0, 2);
        if (inside)
          std::memcpy(at, facts.data + (matrix * facts.rows + row + r) * facts.columns + column + c, 2);
      }
    }
    auto& state = fibers::phased(barrier);
    state.bytes -= 64 * 64 * 2;
    state.settle();
  });
}
inline void copy_box(void* to, const CUtensorMap* map, SharedBarrier* barrier, int column, int row) {
  copy_box(to, map, barrier, column, row, 0);
}

inline void begin_products() {}
inline void finish_products() {
  auto& mine = fibers::started_products[fibers::Block::current().thread()];
  // Others run before the operands are read.
  fibers::Block::current().exchange(0);
  for (const auto& product : mine) product();
  mine.clear();
}
template <int kSize>
void pin(float (&)[kSize]) {}

inline void multiply_by_rows(float (&d)[32], std::uint64_t a, std::uint64_t b, bool add) {
  fibers::start_product([&d, a, b, add] {
    fibers::multiply(
        d, a, [&](int k, int n) { return fibers::Operand(b).by_rows(n, k); }, add);
  });
}
inline void multiply_by_columns(float (&d)[128], std::uint64_t a, std::uint64_t b, bool add) {
  fibers::start_product([&d, a, b, add] {
    fibers::multiply(
        d, a, [&](int k, int n) { return fibers::Operand(b).by_columns(k, n); }, add);
  });
}

}  // namespace moesim
