#include "sim/routing_run/task_pool.hpp"

namespace moesim {

TaskPool::TaskPool(int threads) {
  for (int t = 1; t < threads; ++t) {
    threads_.emplace_back(
        [this, t](const std::stop_token& stop) { wait_for_rounds(stop, static_cast<std::size_t>(t)); });
  }
}

TaskPool::~TaskPool() = default;

void TaskPool::run(std::size_t num_tasks,
                   const std::function<void(std::size_t task, std::size_t thread)>& work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    num_tasks_ = num_tasks;
    next_ = 0;
    fault_ = nullptr;
    num_busy_ = threads_.size();
    ++round_;
  }
  begun_.notify_all();
  take_tasks(0);
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return num_busy_ == 0; });
  if (fault_) std::rethrow_exception(fault_);
}

void TaskPool::wait_for_rounds(const std::stop_token& stop, std::size_t thread) {
  std::uint64_t seen = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!begun_.wait(lock, stop, [&] { return round_ != seen; })) return;
      seen = round_;
    }
    take_tasks(thread);
    const std::lock_guard lock(mutex_);
    if (--num_busy_ == 0) ended_.notify_one();
  }
}

void TaskPool::take_tasks(std::size_t thread) {
  while (true) {
    const std::size_t task = next_.fetch_add(1);
    if (task >= num_tasks_) return;
    try {
      (*work_)(task, thread);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!fault_ || task < first_fault_) {
        fault_ = std::current_exception();
        first_fault_ = task;
      }
      next_ = num_tasks_;
    }
  }
}

}  // namespace moesim
