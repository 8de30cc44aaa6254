#include "calib/kernels/machine/persistent_copy.hpp"

#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace moesim {

namespace {

constexpr int kThreads = 512;
constexpr int kSteps = 4;
constexpr std::size_t kVectors = (std::size_t{256} << 20) / 16;  // 256 MiB each way: far beyond L2
constexpr std::size_t kRoundVectors = std::size_t{kThreads} * kSteps;
constexpr std::uint64_t kLongestNs = 1'000'000'000;  // ends by itself should the other side fail

enum State { kRunning, kEnd, kReached, kNumStates };

__device__ std::uint64_t timer_ns() {
  std::uint64_t value;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(value));
  return value;
}

__global__ void __launch_bounds__(kThreads)
    copy_until_end(const uint4* from, uint4* to, volatile unsigned* state) {
  __shared__ bool ended;
  const std::uint64_t begin = timer_ns();
  if (threadIdx.x == 0) atomicAdd(const_cast<unsigned*>(state) + kRunning, 1U);
  const std::size_t rounds = kVectors / kRoundVectors;
  for (std::size_t round = blockIdx.x;; round += gridDim.x) {
    if (threadIdx.x == 0) ended = state[kEnd] != 0 || timer_ns() - begin > kLongestNs;
    __syncthreads();
    if (ended) break;
    const std::size_t base = round % rounds * kRoundVectors + threadIdx.x;
    uint4 loaded[kSteps];
#pragma unroll
    for (int step = 0; step < kSteps; ++step) loaded[step] = __ldcs(from + base + step * kThreads);
#pragma unroll
    for (int step = 0; step < kSteps; ++step) __stcs(to + base + step * kThreads, loaded[step]);
    __syncthreads();
  }
}

__global__ void wait_for_blocks(volatile unsigned* state, unsigned num_blocks) {
  const std::uint64_t begin = timer_ns();
  while (state[kRunning] < num_blocks && timer_ns() - begin < kLongestNs / 10) {
  }
  state[kReached] = state[kRunning];
}

__global__ void tell_to_end(volatile unsigned* state) {
  state[kEnd] = 1;
  __threadfence();
}

}  // namespace

PersistentCopy::PersistentCopy(int num_sms, const DeviceFacts& device)
    : num_sms_(num_sms),
      // The static shared memory of the kernel comes out of the same limit.
      shared_bytes_(static_cast<int>(device.shared_bytes_per_block) - 1024),
      from_(kVectors),
      to_(kVectors),
      state_(kNumStates) {
  from_.fill_bytes(1);
  check(cudaFuncSetAttribute(copy_until_end, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes_));
}

void PersistentCopy::begin(cudaStream_t stream) {
  state_.fill_bytes(0, stream);
  order_.begin(stream);
  order_.wait_for_begin(own_.get());
  copy_until_end<<<num_sms_, kThreads, shared_bytes_, own_.get()>>>(from_.data(), to_.data(), state_.data());
  check(cudaGetLastError());
  wait_for_blocks<<<1, 1, 0, stream>>>(state_.data(), static_cast<unsigned>(num_sms_));
  check(cudaGetLastError());
}

void PersistentCopy::end(cudaStream_t stream) {
  tell_to_end<<<1, 1, 0, stream>>>(state_.data());
  check(cudaGetLastError());
  order_.end(own_.get());
  order_.wait_for_end(stream);
}

void PersistentCopy::confirm() const {
  const unsigned reached = state_.download()[kReached];
  if (reached < static_cast<unsigned>(num_sms_))
    throw RunError("the copy beside the call ran on " + std::to_string(reached) + " of " +
                   std::to_string(num_sms_) + " SMs");
}

}  // namespace moesim
