#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/clock_probe.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/measure/sampling.hpp"

namespace moesim {

/// A stream that no other work waits for.
class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  [[nodiscard]] cudaStream_t get() const { return stream_; }
  void wait() const { check(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

/// A pair of events around work of a stream.
class EventPair {
 public:
  EventPair();
  ~EventPair();
  EventPair(const EventPair&) = delete;
  EventPair& operator=(const EventPair&) = delete;
  void begin(cudaStream_t stream) { check(cudaEventRecord(begin_, stream)); }
  void end(cudaStream_t stream) { check(cudaEventRecord(end_, stream)); }
  /// `stream` goes on once the other has come to the event.
  void wait_for_begin(cudaStream_t stream) const { check(cudaStreamWaitEvent(stream, begin_)); }
  void wait_for_end(cudaStream_t stream) const { check(cudaStreamWaitEvent(stream, end_)); }
  /// Waits for the end.
  [[nodiscard]] Seconds elapsed() const;

 private:
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
};

/// Times benches on one device; what all of them share is made once.
class Timer {
 public:
  explicit Timer(const DeviceFacts& device);

  /// One cold call: a buffer of four times L2 is read, which leaves clean lines of it there, then one call of
  /// the next input set between events.
  Sample cold(Bench& bench);
  /// Captures kLaunchesOfAGraph launches of input set 0 and runs them once. Throws CudaError where they
  /// cannot be captured.
  void capture(Bench& bench);
  /// One run of the captured graph; the time is that of one call.
  Sample graph(const Bench& bench);
  /// A batch of launches back to back, about kBatch long; the time is that of one call.
  Sample sustained(Bench& bench);

  /// What the events show around nothing, median of 20.
  Seconds event_overhead();
  /// What they show around a kernel that does nothing, median of 20; and the time of one such kernel among
  /// those of a graph. The first less the second is what a cold time has on top of the kernel.
  Seconds empty_kernel();
  Seconds empty_kernel_in_graph();
  /// The clock of the SMs after a tenth of a second of work on all of them.
  double reference_clock_mhz();
  /// A warm-up call of every input set.
  void warm_up(Bench& bench);

  static constexpr int kLaunchesOfAGraph = 20;
  static constexpr Seconds kBatch{10e-3};

 private:
  void displace_l2();
  void wait_for_ranks();
  void align_ranks();
  [[nodiscard]] bool is_alone() const;
  void capture(const std::function<void(cudaStream_t)>& launch);
  [[nodiscard]] Seconds median_around(const std::function<void(cudaStream_t)>& launch);
  [[nodiscard]] Sample sample_of(Seconds time);
  [[nodiscard]] int next_input_set(const Bench& bench);

  DeviceFacts device_;
  Stream stream_;
  EventPair events_;
  ClockProbe probe_;
  DeviceBuffer<uint4> displacing_;  // zeroes, four times L2
  DeviceBuffer<std::uint32_t> sink_;
  struct GraphDeleter {
    void operator()(cudaGraphExec_t graph) const { cudaGraphExecDestroy(graph); }
  };
  std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, GraphDeleter> graph_;
  int num_cold_ = 0;
  int launches_in_batch_ = 0;
};

}  // namespace moesim
