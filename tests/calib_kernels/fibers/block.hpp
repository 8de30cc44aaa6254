#pragma once

// A block of CUDA threads on the CPU: every thread is a fiber, run in turn until it waits for others. Copies
// that a kernel starts are carried out late, so that a kernel that reads without waiting reads what was there
// before.

#include <ucontext.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace moesim::fibers {

struct Index {
  unsigned x = 0, y = 0, z = 0;
};

class Block {
 public:
  /// `shared_bytes` of shared memory, all of them 0xff, from address `base` on (a multiple of 16).
  Block(int num_threads, int shared_bytes, std::uint32_t base, std::uint64_t seed = 0);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  /// Runs `kernel` with every thread of block `block` of a grid of size `grid`. Throws std::runtime_error
  /// where all threads wait for ever.
  void run(Index block, Index grid, const std::function<void()>& kernel);

  /// The block whose thread runs now.
  static Block& current();
  [[nodiscard]] int thread() const { return thread_; }
  [[nodiscard]] Index block_index() const { return block_; }
  [[nodiscard]] Index grid_size() const { return grid_; }

  unsigned char* shared() { return shared_.data(); }
  [[nodiscard]] std::uint32_t address_of(const void* pointer) const;
  /// The memory of `bytes` bytes at an address; throws std::out_of_range outside.
  unsigned char* at(std::uint32_t address, int bytes);

  /// Lets other threads run until `ready` returns true.
  void wait_until(const std::function<bool()>& ready);
  /// Barrier `id` of `num_threads` threads.
  void sync(int id, int num_threads);
  /// Every lane of the warp gives a value of at most 16 bytes and gets those of all 32 lanes.
  template <class Value>
  std::vector<Value> exchange(const Value& value) {
    std::vector<unsigned char> bytes(sizeof(Value));
    __builtin_memcpy(bytes.data(), &value, sizeof(Value));
    std::vector<Value> values(32);
    const auto all = exchange_bytes(bytes);
    for (std::size_t lane = 0; lane < 32; ++lane)
      __builtin_memcpy(&values[lane], all[lane].data(), sizeof(Value));
    return values;
  }
  /// Carries out `work` some turns later.
  void later(std::function<void()> work);
  /// Copies of this thread that wait for commit and wait_copies.
  std::deque<std::vector<std::function<void()>>>& copies() {
    return copies_[static_cast<std::size_t>(thread_)];
  }

 private:
  struct Barrier {
    int arrived = 0;
    int phase = 0;
  };
  struct Warp {
    std::vector<std::vector<unsigned char>> values = std::vector<std::vector<unsigned char>>(32);
    std::vector<std::vector<unsigned char>> result;
    int arrived = 0;
    int phase = 0;
  };
  struct Fiber {
    ucontext_t context{};
    std::vector<unsigned char> stack;
    bool done = false;
  };
  std::vector<std::vector<unsigned char>> exchange_bytes(const std::vector<unsigned char>& bytes);
  void do_late_work(bool all);
  bool warp_sleeps(int warp);
  std::uint32_t draw(std::uint32_t bound);
  static void enter();

  int num_threads_;
  std::uint32_t base_;
  std::vector<unsigned char> shared_;
  std::vector<Fiber> fibers_;
  std::vector<Warp> warps_;
  std::map<int, Barrier> barriers_;
  std::vector<std::deque<std::vector<std::function<void()>>>> copies_;
  std::deque<std::pair<long, std::function<void()>>> late_;
  ucontext_t scheduler_{};
  const std::function<void()>* kernel_ = nullptr;
  Index block_, grid_;
  int thread_ = 0;
  std::uint64_t random_;
  std::vector<long> asleep_until_;  ///< [num_warps] rounds
  long round_ = 0;
  long turn_ = 0;
  long progress_ = 0;  ///< counts waits that ended and threads that did
};

}  // namespace moesim::fibers
