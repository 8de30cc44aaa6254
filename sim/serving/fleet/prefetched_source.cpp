#include "sim/serving/fleet/prefetched_source.hpp"

#include <utility>

namespace moesim {

PrefetchedSource::PrefetchedSource(std::unique_ptr<RequestSource> source)
    : source_(std::move(source)), thread_([this] { read_ahead(); }) {}

PrefetchedSource::~PrefetchedSource() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void PrefetchedSource::fill(Chunk& chunk) {
  chunk.count = 0;
  try {
    while (chunk.count < kChunk && source_->next(chunk.requests[chunk.count])) ++chunk.count;
    chunk.last = chunk.count < kChunk;
  } catch (...) {
    chunk.failure = std::current_exception();
    chunk.last = true;
  }
}

void PrefetchedSource::read_ahead() {
  for (std::size_t i = 0;; i = (i + 1) % chunks_.size()) {
    Chunk& chunk = chunks_[i];
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopped_ || !chunk.full; });
      if (stopped_) return;
    }
    fill(chunk);
    const bool last = chunk.last;
    {
      const std::lock_guard lock(mutex_);
      chunk.full = true;
    }
    changed_.notify_all();
    if (last) return;
  }
}

bool PrefetchedSource::next(Request& request) {
  if (ended_) return false;
  Chunk& chunk = chunks_[chunk_];
  if (!open_) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return chunk.full; });
    open_ = true;
    at_ = 0;
  }
  if (at_ < chunk.count) {
    std::swap(request, chunk.requests[at_++]);
    return true;
  }
  if (chunk.last) {
    ended_ = true;
    if (chunk.failure) std::rethrow_exception(chunk.failure);
    return false;
  }
  {
    const std::lock_guard lock(mutex_);
    chunk.full = false;
  }
  changed_.notify_all();
  open_ = false;
  chunk_ = (chunk_ + 1) % chunks_.size();
  return next(request);
}

}  // namespace moesim
