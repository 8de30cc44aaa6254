#include "tests/calib_kernels/fibers/block.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>

namespace moesim::fibers {
namespace {

Block* running = nullptr;
std::exception_ptr failure;

constexpr std::size_t kStackBytes = 256 * 1024;
constexpr std::uint32_t kMostTurnsLate = 6000;  // of one thread each
constexpr std::uint32_t kMostRoundsAsleep = 60;
constexpr std::uint32_t kRoundsBetweenSleeps = 40;  // of a warp, on average

}  // namespace

Block::Block(int num_threads, int shared_bytes, std::uint32_t base, std::uint64_t seed)
    : num_threads_(num_threads),
      base_(base),
      shared_(static_cast<std::size_t>(shared_bytes), 0xff),
      fibers_(static_cast<std::size_t>(num_threads)),
      warps_(static_cast<std::size_t>(num_threads / 32)),
      copies_(static_cast<std::size_t>(num_threads)),
      random_(seed),
      asleep_until_(static_cast<std::size_t>(num_threads / 32), 0) {}

Block::~Block() = default;

Block& Block::current() {
  return *running;
}

void Block::enter() {
  Block& block = *running;
  const auto me = static_cast<std::size_t>(block.thread_);
  try {
    (*block.kernel_)();
  } catch (...) {
    failure = std::current_exception();
  }
  block.fibers_[me].done = true;
  ++block.progress_;
  swapcontext(&block.fibers_[me].context, &block.scheduler_);
}

void Block::run(Index block, Index grid, const std::function<void()>& kernel) {
  running = this;
  failure = nullptr;
  kernel_ = &kernel;
  block_ = block;
  grid_ = grid;
  for (Fiber& fiber : fibers_) {
    fiber.done = false;
    fiber.stack.resize(kStackBytes);
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.data();
    fiber.context.uc_stack.ss_size = fiber.stack.size();
    fiber.context.uc_link = &scheduler_;
    makecontext(&fiber.context, &Block::enter, 0);
  }
  int left = num_threads_;
  long idle_rounds = 0;
  while (left > 0 && failure == nullptr) {
    const long before = progress_;
    bool asleep = false;
    ++round_;
    left = 0;
    for (thread_ = 0; thread_ < num_threads_ && failure == nullptr; ++thread_) {
      Fiber& fiber = fibers_[static_cast<std::size_t>(thread_)];
      ++turn_;
      do_late_work(false);
      if (thread_ % 32 == 0) asleep = warp_sleeps(thread_ / 32);
      if (fiber.done) continue;
      ++left;
      if (asleep) continue;
      swapcontext(&scheduler_, &fiber.context);
    }
    idle_rounds = progress_ == before ? idle_rounds + 1 : 0;
    if (idle_rounds > 2 * kMostRoundsAsleep) do_late_work(true);
    if (idle_rounds > 10 * kMostRoundsAsleep)
      throw std::runtime_error("all threads of the block wait for ever");
  }
  do_late_work(true);
  if (failure != nullptr) std::rethrow_exception(failure);
}

/// A linear congruential generator (Knuth's MMIX).
std::uint32_t Block::draw(std::uint32_t bound) {
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  return static_cast<std::uint32_t>(random_ >> 33) % bound;
}

bool Block::warp_sleeps(int warp) {
  long& until = asleep_until_[static_cast<std::size_t>(warp)];
  if (round_ >= until && draw(kRoundsBetweenSleeps) == 0) until = round_ + draw(kMostRoundsAsleep);
  return round_ < until;
}

std::uint32_t Block::address_of(const void* pointer) const {
  const auto offset = static_cast<const unsigned char*>(pointer) - shared_.data();
  if (offset < 0 || offset >= static_cast<std::ptrdiff_t>(shared_.size()))
    throw std::out_of_range("no pointer to shared memory");
  return base_ + static_cast<std::uint32_t>(offset);
}

unsigned char* Block::at(std::uint32_t address, int bytes) {
  if (address < base_ || address - base_ + static_cast<std::size_t>(bytes) > shared_.size())
    throw std::out_of_range("shared memory has no address " + std::to_string(address));
  return shared_.data() + (address - base_);
}

void Block::wait_until(const std::function<bool()>& ready) {
  const int me = thread_;
  while (!ready()) swapcontext(&fibers_[static_cast<std::size_t>(me)].context, &scheduler_);
  ++progress_;
}

void Block::sync(int id, int num_threads) {
  Barrier& barrier = barriers_[id];
  const int phase = barrier.phase;
  if (++barrier.arrived == num_threads) {
    barrier.arrived = 0;
    ++barrier.phase;
  }
  wait_until([&] { return barrier.phase != phase; });
}

std::vector<std::vector<unsigned char>> Block::exchange_bytes(const std::vector<unsigned char>& bytes) {
  Warp& warp = warps_[static_cast<std::size_t>(thread_ / 32)];
  const int phase = warp.phase;
  warp.values[static_cast<std::size_t>(thread_ % 32)] = bytes;
  if (++warp.arrived == 32) {
    warp.arrived = 0;
    warp.result = warp.values;
    ++warp.phase;
  }
  wait_until([&] { return warp.phase != phase; });
  return warp.result;  // the next exchange needs this lane too, so it is still that of `phase`
}

void Block::later(std::function<void()> work) {
  // In the order in which they were started, each some turns after the one before.
  const long earliest = late_.empty() ? turn_ : std::max(turn_, late_.back().first);
  late_.emplace_back(earliest + draw(kMostTurnsLate), std::move(work));
}

void Block::do_late_work(bool all) {
  while (!late_.empty() && (all || late_.front().first <= turn_)) {
    const auto work = std::move(late_.front().second);
    late_.pop_front();
    work();
    ++progress_;
  }
}

}  // namespace moesim::fibers
