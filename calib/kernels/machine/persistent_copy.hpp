#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/timer.hpp"

namespace moesim {

/// A kernel that copies memory on some SMs until it is told to end, as communication beside computation does.
/// A block takes all shared memory of its SM, so nothing else runs there.
class PersistentCopy {
 public:
  PersistentCopy(int num_sms, const DeviceFacts& device);

  /// Begins to copy; `stream` goes on once every block runs. Asynchronous.
  void begin(cudaStream_t stream);
  /// Ends the copy after what `stream` holds; `stream` goes on once it has ended. Asynchronous.
  void end(cudaStream_t stream);
  /// Once `stream` has been waited for: throws RunError unless every block ran before begin() let it go on.
  void confirm() const;

 private:
  int num_sms_;
  int shared_bytes_;
  Stream own_;
  EventPair order_;
  DeviceBuffer<uint4> from_;
  DeviceBuffer<uint4> to_;
  DeviceBuffer<unsigned> state_;  ///< blocks that run, whether to end, blocks that were waited for
};

}  // namespace moesim
