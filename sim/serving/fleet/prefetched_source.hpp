#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "workloads/requests/request.hpp"

namespace moesim {

/// The requests of another source, read ahead by a thread of its own in chunks: the same requests in the same
/// order. A fault comes where it would have come.
class PrefetchedSource final : public RequestSource {
 public:
  explicit PrefetchedSource(std::unique_ptr<RequestSource> source);
  ~PrefetchedSource() override;
  PrefetchedSource(const PrefetchedSource&) = delete;
  PrefetchedSource& operator=(const PrefetchedSource&) = delete;
  bool next(Request& request) override;

 private:
  static constexpr std::size_t kChunk = 4096;
  struct Chunk {
    std::vector<Request> requests = std::vector<Request>(kChunk);
    std::size_t count = 0;
    bool last = false;
    std::exception_ptr failure;
    bool full = false;  // guarded by mutex_; who may touch the rest
  };
  void read_ahead();
  void fill(Chunk& chunk);

  std::unique_ptr<RequestSource> source_;
  std::array<Chunk, 3> chunks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;  // guarded by mutex_
  std::size_t chunk_ = 0;
  std::size_t at_ = 0;
  bool open_ = false;  // chunk_ is being given out
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace moesim
