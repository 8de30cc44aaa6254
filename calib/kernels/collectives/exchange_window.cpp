#include "calib/kernels/collectives/exchange_window.hpp"

#include "calib/kernels/collectives/device_requirements.hpp"

namespace moesim {
namespace {

constexpr std::size_t kGranularity = std::size_t{2} << 20;  // of device memory that is mapped

}  // namespace

ExchangeWindow::ExchangeWindow(Communicator& communicator, std::size_t bytes)
    : bytes_((bytes + kGranularity - 1) / kGranularity * kGranularity) {
  const ncclComm_t comm = communicator.with_max_ctas(0);
  // First what is refused where GPUs do not reach each other: a window is then no address of the device.
  const ncclDevCommRequirements needs = device_requirements(kMaxExchangeBlocks);
  check(ncclDevCommCreate(comm, &needs, &device_.handle));
  device_.comm = comm;
  check_call(device_.handle.lsaSize == communicator.size(), "ncclDevCommCreate",
             "some ranks cannot reach the memory of the others");
  check(ncclMemAlloc(&memory_.data, bytes_));
  check(ncclCommWindowRegister(comm, memory_.data, bytes_, &window_.handle, NCCL_WIN_COLL_SYMMETRIC));
  window_.comm = comm;
  check_call(window_.handle != nullptr, "ncclCommWindowRegister", "no symmetric memory between these GPUs");
}

ExchangeWindow::Memory::~Memory() {
  if (data != nullptr) ncclMemFree(data);
}

ExchangeWindow::DeviceCommunicator::~DeviceCommunicator() {
  if (comm != nullptr) ncclDevCommDestroy(comm, &handle);
}

ExchangeWindow::Window::~Window() {
  if (handle != nullptr) ncclCommWindowDeregister(comm, handle);
}

}  // namespace moesim
