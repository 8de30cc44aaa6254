#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace moesim {

/// Threads that wait between the short rounds of a long run.
class TaskPool {
 public:
  /// `threads` counts the calling one; below 1 is 1.
  explicit TaskPool(int threads);
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  [[nodiscard]] std::size_t num_threads() const { return threads_.size() + 1; }

  /// Calls work(task, thread) once for each task below num_tasks, in any order, and returns when all are
  /// done. `thread` is below num_threads() and in one call at a time. Throws what the least task that failed
  /// threw; tasks after a fault may be left out.
  void run(std::size_t num_tasks, const std::function<void(std::size_t task, std::size_t thread)>& work);

 private:
  void wait_for_rounds(const std::stop_token& stop, std::size_t thread);
  void take_tasks(std::size_t thread);

  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::size_t num_tasks_ = 0;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable_any begun_;
  std::condition_variable ended_;
  std::uint64_t round_ = 0;
  std::size_t num_busy_ = 0;
  std::size_t first_fault_ = 0;
  std::exception_ptr fault_;
  std::vector<std::jthread> threads_;  // last: they use what stands above
};

}  // namespace moesim
