#include "base/interrupt.hpp"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>

namespace moesim {
namespace {

constexpr int kNumSlots = 32;
enum SlotState : int { kFree, kFilling, kReady };

/// Static storage, as a signal handler may read it at any time.
struct Slot {
  std::atomic<int> state{kFree};
  std::array<char, PATH_MAX> path{};
};
std::array<Slot, kNumSlots> slots;

constexpr std::array<int, 3> kAskingSignals{SIGINT, SIGTERM, SIGHUP};
std::atomic<bool> interrupt_made{false};
std::array<struct sigaction, kAskingSignals.size()> actions_before;

/// Calls only what is safe within a signal handler.
void remove_and_end(int signal) {
  for (Slot& slot : slots) {
    if (slot.state.load() == kReady) (void)::unlink(slot.path.data());
  }
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    if (slot->state.load() == kReady) (void)::rmdir(slot->path.data());
  }
  ::_exit(128 + signal);
}

/// Programs such as timeout and mpirun send a signal to a process and once more to its group.
constexpr std::int64_t kSameRequest_s = 2;
std::atomic<std::int64_t> interrupt_time_s{0};

void remember_or_end(int signal) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  if (!interrupt_made.exchange(true)) interrupt_time_s = now.tv_sec;
  if (now.tv_sec - interrupt_time_s > kSameRequest_s) remove_and_end(signal);
}

}  // namespace

void end_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = remove_and_end;
  ::sigfillset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::sigaction(signal, &action, nullptr);
}

RemovedOnInterrupt::RemovedOnInterrupt(const std::filesystem::path& path) {
  std::error_code error;
  const std::string text = std::filesystem::absolute(path, error).string();
  if (error || text.size() >= PATH_MAX) return;
  for (int i = 0; i < kNumSlots; ++i) {
    Slot& slot = slots[static_cast<std::size_t>(i)];
    int expected = kFree;
    if (!slot.state.compare_exchange_strong(expected, kFilling)) continue;
    std::memcpy(slot.path.data(), text.c_str(), text.size() + 1);
    slot.state.store(kReady);
    slot_ = i;
    return;
  }
}

RemovedOnInterrupt::~RemovedOnInterrupt() {
  if (slot_ >= 0) slots[static_cast<std::size_t>(slot_)].state.store(kFree);
}

InterruptRequest::InterruptRequest() {
  interrupt_made = false;
  struct sigaction action {};
  action.sa_handler = remember_or_end;
  ::sigfillset(&action.sa_mask);
  for (std::size_t i = 0; i < kAskingSignals.size(); ++i) {
    ::sigaction(kAskingSignals[i], &action, &actions_before[i]);
  }
}

InterruptRequest::~InterruptRequest() {
  for (std::size_t i = 0; i < kAskingSignals.size(); ++i) {
    ::sigaction(kAskingSignals[i], &actions_before[i], nullptr);
  }
}

bool InterruptRequest::made() const {
  return interrupt_made;
}

}  // namespace moesim
