#pragma once

#include <cstddef>
#include <map>
#include <mutex>

namespace moesim {

/// Remembers what a pure function gave, for callers that ask it the same thousands of times. Thread-safe; the
/// function runs outside the lock, so two threads may both run it. Starts anew where it is full.
template <class Key, class Value>
class Memo {
 public:
  explicit Memo(std::size_t max_entries) : max_entries_(max_entries) {}

  template <class Function>
  Value of(const Key& key, const Function& function) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = known_.find(key); found != known_.end()) return found->second;
    }
    Value value = function();
    const std::lock_guard lock(mutex_);
    if (known_.size() >= max_entries_) known_.clear();
    known_.emplace(key, value);
    return value;
  }

 private:
  std::size_t max_entries_;
  std::mutex mutex_;
  std::map<Key, Value> known_;
};

}  // namespace moesim
