#pragma once

// Blocks of CUDA threads on the host: included before a .cu file that g++ compiles with
// MOESIM_EMULATED_BLOCKS. Each CUDA thread is a thread of the host; barriers and warp operations are barriers
// of the host, so wrong indices, missing barriers and deadlocks show as they would on a device. Blocks of a
// kernel run one after another, or all at once where they wait for each other (run_at_once).
#include <cuda_bf16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace moesim::emulation {

struct Warp {
  std::barrier<> barrier{32};
  std::uint64_t values[32] = {};
};

struct Block {
  Block(int num_threads, std::size_t shared_bytes)
      : barrier(num_threads), warps(static_cast<std::size_t>(num_threads) / 32), shared(shared_bytes, 0x5a) {
    for (auto& warp : warps) warp = std::make_unique<Warp>();
  }
  std::barrier<> barrier;
  std::vector<std::unique_ptr<Warp>> warps;
  std::vector<unsigned char> shared;
};

inline thread_local uint3 thread_index;
inline thread_local uint3 block_index;
inline thread_local dim3 grid_size;
inline thread_local Block* block = nullptr;
/// Whether the blocks of a kernel wait for each other and must run side by side.
inline thread_local bool run_at_once = false;

inline int lane() {
  return static_cast<int>(thread_index.x % 32);
}

/// What `read` makes of the values that the lanes of this warp give.
template <class T, class Read>
auto over_warp(T own, Read read) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  Warp& warp = *block->warps[thread_index.x / 32];
  std::memcpy(&warp.values[lane()], &own, sizeof(T));
  warp.barrier.arrive_and_wait();
  const auto value_of = [&warp](int from) {
    T value;
    std::memcpy(&value, &warp.values[from], sizeof(T));
    return value;
  };
  const auto result = read(value_of);
  warp.barrier.arrive_and_wait();
  return result;
}

template <class Kernel>
void start_block(int number, int blocks, int threads, Block& state, const Kernel& kernel,
                 std::vector<std::thread>& running) {
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([=, &state, &kernel] {
      thread_index = {static_cast<unsigned>(t), 0, 0};
      block_index = {static_cast<unsigned>(number), 0, 0};
      grid_size = dim3(static_cast<unsigned>(blocks));
      block = &state;
      kernel();
    });
  }
}

inline void join(std::vector<std::thread>& running) {
  for (auto& thread : running) thread.join();
  running.clear();
}

}  // namespace moesim::emulation

#undef __launch_bounds__
#define __launch_bounds__(...)
#undef __shared__
#define __shared__ static
#define threadIdx moesim::emulation::thread_index
#define blockIdx moesim::emulation::block_index
#define gridDim moesim::emulation::grid_size
#define cudaMemsetAsync(place, value, count, stream) (std::memset(place, value, count), cudaSuccess)

using std::max;
using std::min;

inline void __syncthreads() {
  moesim::emulation::block->barrier.arrive_and_wait();
}

inline unsigned __reduce_max_sync(unsigned, unsigned own) {
  return moesim::emulation::over_warp(own, [](auto value_of) {
    unsigned most = 0;
    for (int i = 0; i < 32; ++i) most = std::max<unsigned>(most, value_of(i));
    return most;
  });
}
inline unsigned __reduce_min_sync(unsigned, unsigned own) {
  return moesim::emulation::over_warp(own, [](auto value_of) {
    unsigned least = ~0U;
    for (int i = 0; i < 32; ++i) least = std::min<unsigned>(least, value_of(i));
    return least;
  });
}
inline unsigned __match_any_sync(unsigned, int own) {
  return moesim::emulation::over_warp(own, [own](auto value_of) {
    unsigned mask = 0;
    for (int i = 0; i < 32; ++i) mask |= (value_of(i) == own ? 1U : 0U) << i;
    return mask;
  });
}
inline unsigned __ballot_sync(unsigned, bool own) {
  return moesim::emulation::over_warp(own, [](auto value_of) {
    unsigned mask = 0;
    for (int i = 0; i < 32; ++i) mask |= (value_of(i) ? 1U : 0U) << i;
    return mask;
  });
}
template <class T>
T __shfl_sync(unsigned, T own, int from) {
  return moesim::emulation::over_warp(own, [from](auto value_of) { return value_of(from % 32); });
}
template <class T>
T __shfl_xor_sync(unsigned, T own, int mask) {
  const int from = moesim::emulation::lane() ^ mask;
  return moesim::emulation::over_warp(own, [from](auto value_of) { return value_of(from); });
}
template <class T>
T __shfl_up_sync(unsigned, T own, int distance) {
  const int lane = moesim::emulation::lane();
  const int from = lane >= distance ? lane - distance : lane;
  return moesim::emulation::over_warp(own, [from](auto value_of) { return value_of(from); });
}
inline int __popc(unsigned mask) {
  return std::popcount(mask);
}
inline int __ffs(int mask) {
  return mask == 0 ? 0 : std::countr_zero(static_cast<unsigned>(mask)) + 1;
}
inline unsigned __float_as_uint(float value) {
  return std::bit_cast<unsigned>(value);
}
inline float __uint_as_float(unsigned bits) {
  return std::bit_cast<float>(bits);
}
inline int atomicAdd(int* place, int value) {
  return std::atomic_ref<int>(*place).fetch_add(value);
}

namespace moesim {

template <class T>
T* dynamic_shared() {
  return reinterpret_cast<T*>(emulation::block->shared.data());
}

template <class... Parameters, class... Arguments>
void start_kernel(void (*kernel)(Parameters...), int blocks, int threads, std::size_t shared, cudaStream_t,
                  Arguments&&... arguments) {
  const auto call = [&] { kernel(arguments...); };
  std::vector<std::unique_ptr<emulation::Block>> states;
  std::vector<std::thread> running;
  for (int b = 0; b < blocks; ++b) {
    states.push_back(std::make_unique<emulation::Block>(threads, shared));
    emulation::start_block(b, blocks, threads, *states.back(), call, running);
    if (!emulation::run_at_once) emulation::join(running);
  }
  emulation::join(running);
}

}  // namespace moesim
