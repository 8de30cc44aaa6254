#pragma once

#include <filesystem>

namespace moesim {

/// From now on SIGINT, SIGTERM, SIGHUP and SIGPIPE (the reader of a pipe is gone) end this process with exit
/// code 128 + signal, 130 for SIGINT, after every registered path has been removed. For programs with a
/// main(); a library does not call it.
void end_on_interrupt();

/// While it lives, `path` (a file or an empty folder) is removed when a signal ends the process, files
/// before folders. Beyond 32 paths at once, or 4095 bytes, a path is left out.
class RemovedOnInterrupt {
 public:
  explicit RemovedOnInterrupt(const std::filesystem::path& path);
  ~RemovedOnInterrupt();
  RemovedOnInterrupt(const RemovedOnInterrupt&) = delete;
  RemovedOnInterrupt& operator=(const RemovedOnInterrupt&) = delete;

 private:
  int slot_ = -1;
};

/// While it lives, SIGINT, SIGTERM and SIGHUP do not end this process but are remembered, for work that has
/// to be put away first; one that comes seconds after the first ends it as end_on_interrupt() says. One
/// object at a time.
class InterruptRequest {
 public:
  InterruptRequest();
  ~InterruptRequest();
  InterruptRequest(const InterruptRequest&) = delete;
  InterruptRequest& operator=(const InterruptRequest&) = delete;

  [[nodiscard]] bool made() const;
};

}  // namespace moesim
