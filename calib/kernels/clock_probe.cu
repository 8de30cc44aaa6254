#include "calib/kernels/clock_probe.hpp"

namespace moesim {

namespace {

__device__ std::uint64_t timer_ns() {
  std::uint64_t value;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(value));
  return value;
}

/// The timer ticks in steps of up to a microsecond, so both ends wait for a tick.
__device__ std::uint64_t next_tick() {
  const std::uint64_t begin = timer_ns();
  std::uint64_t now = begin;
  while (now == begin) now = timer_ns();
  return now;
}

__global__ void probe_kernel(std::uint64_t* cycles, std::uint64_t* nanoseconds, std::uint64_t least_ns) {
  const std::uint64_t begin_ns = next_tick();
  const long long begin = clock64();
  std::uint64_t end_ns = begin_ns;
  while (end_ns - begin_ns < least_ns) end_ns = next_tick();
  *cycles = static_cast<std::uint64_t>(clock64() - begin);
  *nanoseconds = end_ns - begin_ns;
}

__global__ void load_kernel(float* sink, std::uint64_t least_ns) {
  const std::uint64_t begin = timer_ns();
  float value = static_cast<float>(threadIdx.x);
  while (timer_ns() - begin < least_ns) {
#pragma unroll 64
    for (int i = 0; i < 256; ++i) value = fmaf(value, 0.999F, 1.0F);
  }
  if (value == -1.0F) *sink = value;  // never: keeps the loop
}

}  // namespace

ClockProbe::ClockProbe() : sink_(1) {
  check(
      cudaHostAlloc(reinterpret_cast<void**>(&readings_), kNumSlots * sizeof(Reading), cudaHostAllocMapped));
  for (int slot = 0; slot < kNumSlots; ++slot) readings_[slot] = {0, 1};
}

ClockProbe::~ClockProbe() {
  cudaFreeHost(readings_);
}

void ClockProbe::read(int slot, cudaStream_t stream) {
  Reading* reading = nullptr;
  check(cudaHostGetDevicePointer(reinterpret_cast<void**>(&reading), readings_ + slot, 0));
  probe_kernel<<<1, 1, 0, stream>>>(&reading->cycles, &reading->nanoseconds, kProbeNanoseconds);
  check(cudaGetLastError());
}

double ClockProbe::clock_mhz(int slot) const {
  const Reading& reading = readings_[slot];
  return 1e3 * static_cast<double>(reading.cycles) / static_cast<double>(reading.nanoseconds);
}

void ClockProbe::load(double seconds, int num_sms, cudaStream_t stream) {
  load_kernel<<<num_sms, 256, 0, stream>>>(sink_.data(), static_cast<std::uint64_t>(seconds * 1e9));
  check(cudaGetLastError());
}

}  // namespace moesim
