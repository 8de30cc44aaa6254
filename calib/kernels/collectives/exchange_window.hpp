#pragma once

#include <nccl.h>
#include <nccl_device.h>

#include <cstddef>

#include "calib/kernels/collectives/communicator.hpp"

namespace moesim {

/// Blocks that a kernel over a window may have: each takes a barrier of its own.
inline constexpr int kMaxExchangeBlocks = 64;

/// Memory of this GPU that kernels of every rank reach, and what they need to reach it. Construction and
/// destruction are collective, with the same `bytes` on every rank. Throws CudaError where the ranks' GPUs do
/// not reach each other's memory.
class ExchangeWindow {
 public:
  ExchangeWindow(Communicator& communicator, std::size_t bytes);
  ~ExchangeWindow() = default;
  ExchangeWindow(const ExchangeWindow&) = delete;
  ExchangeWindow& operator=(const ExchangeWindow&) = delete;

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] unsigned char* local() { return static_cast<unsigned char*>(memory_.data); }
  [[nodiscard]] ncclWindow_t window() const { return window_.handle; }
  [[nodiscard]] const ncclDevComm& device() const { return device_.handle; }

 private:
  struct Memory {
    ~Memory();
    void* data = nullptr;
  };
  struct DeviceCommunicator {
    ~DeviceCommunicator();
    ncclComm_t comm = nullptr;  ///< null: not made
    ncclDevComm handle{};
  };
  struct Window {
    ~Window();
    ncclComm_t comm = nullptr;
    ncclWindow_t handle = nullptr;
  };

  std::size_t bytes_;
  // Undone in the opposite order, also where a later one cannot be made.
  Memory memory_;
  DeviceCommunicator device_;
  Window window_;
};

}  // namespace moesim
