#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <system_error>

#include "base/process.hpp"

namespace moesim {

LineReader::LineReader(int descriptor, std::size_t max_line_bytes)
    : descriptor_(descriptor), max_line_bytes_(max_line_bytes) {}

std::optional<std::string> LineReader::take_line() {
  const std::size_t newline = buffer_.find('\n', scanned_);
  const bool found = newline != std::string::npos;
  const std::size_t end = found ? newline : buffer_.size();
  if (end - begin_ > max_line_bytes_) {
    throw RunError(fmt::format("a line of more than {} bytes was read", max_line_bytes_));
  }
  scanned_ = end;
  if (!found && (!ended_ || begin_ == buffer_.size())) return std::nullopt;
  std::string line = buffer_.substr(begin_, end - begin_);
  begin_ = scanned_ = std::min(end + 1, buffer_.size());
  return line;
}

/// Reads once; false at the end of the input.
bool LineReader::fill() {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  std::array<char, 65536> chunk;
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, chunk.data(), chunk.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw RunError("cannot read a line: " + std::generic_category().message(errno));
  buffer_.append(chunk.data(), static_cast<std::size_t>(count));
  ended_ = count == 0;
  return !ended_;
}

std::optional<std::string> LineReader::read_line() {
  for (;;) {
    if (auto line = take_line()) return line;
    if (ended_) return std::nullopt;
    fill();
  }
}

bool LineReader::wait_line(Seconds timeout) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(std::clamp(timeout.value(), 0.0, 1e9));
  for (;;) {
    if (ended_ || buffer_.find('\n', scanned_) != std::string::npos) return true;
    if (buffer_.size() - begin_ > max_line_bytes_) return true;  // read_line reports it
    scanned_ = buffer_.size();
    const std::chrono::duration<double, std::milli> left = deadline - Clock::now();
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::ceil(std::clamp(left.count(), 0.0, 1e9))));
    if (ready < 0 && errno != EINTR) throw RunError("cannot wait: " + std::generic_category().message(errno));
    if (ready > 0) fill();
    if (ready == 0 && Clock::now() >= deadline) return false;
  }
}

}  // namespace moesim
