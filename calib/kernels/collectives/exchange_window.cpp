#include "calib/kernels/collectives/exchange_window.hpp"

namespace moesim {
namespace {

constexpr std::size_t kGranularity = std::size_t{2} << 20;  // of device memory that is mapped

}  // namespace

ExchangeWindow::ExchangeWindow(Communicator& communicator, std::size_t bytes)
    : comm_(communicator.with_max_ctas(0)), bytes_((bytes + kGranularity - 1) / kGranularity * kGranularity) {
  // First what is refused where GPUs do not reach each other: a window is then no address of the device.
  ncclDevCommRequirements needs{};
  needs.lsaBarrierCount = kMaxExchangeBlocks;
  check(ncclDevCommCreate(comm_, &needs, &device_));
  check_call(device_.lsaSize == communicator.size(), "ncclDevCommCreate",
             "some ranks cannot reach the memory of the others");
  check(ncclMemAlloc(&memory_, bytes_));
  check(ncclCommWindowRegister(comm_, memory_, bytes_, &window_, NCCL_WIN_COLL_SYMMETRIC));
  check_call(window_ != nullptr, "ncclCommWindowRegister", "no symmetric memory between these GPUs");
}

ExchangeWindow::~ExchangeWindow() {
  ncclCommWindowDeregister(comm_, window_);
  ncclDevCommDestroy(comm_, &device_);
  ncclMemFree(memory_);
}

}  // namespace moesim
