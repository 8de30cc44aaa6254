#include "base/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace moesim {
namespace {

constexpr std::chrono::milliseconds kBetween{100};
constexpr int kWidth = 30;
constexpr std::string_view kWipe = "\r\x1b[K";

/// Without iostreams, whose locks a fork of another thread would copy.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

bool Throttle::due(Clock::time_point now) {
  if (last_ != Clock::time_point{} && now - last_ < kBetween) return false;
  last_ = now;
  return true;
}

std::string progress_line(double fraction, std::string_view what, std::chrono::seconds elapsed) {
  const double share = std::clamp(fraction, 0.0, 1.0);
  const auto done = static_cast<std::size_t>(share * kWidth);
  return fmt::format("[{}{}] {:3.0f} %  {} s  {}", std::string(done, '#'), std::string(kWidth - done, '.'),
                     100 * share, elapsed.count(), what);
}

ProgressBar::ProgressBar(int descriptor, bool is_terminal, std::chrono::milliseconds patience)
    : descriptor_(descriptor), patience_(patience) {
  if (is_terminal) drawer_ = std::thread([this] { draw_until_end(); });
}

ProgressBar::~ProgressBar() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  end_.notify_one();
  if (drawer_.joinable()) drawer_.join();
}

void ProgressBar::update(double fraction, std::string_view what) {
  const std::lock_guard lock(mutex_);
  fraction_ = fraction;
  what_ = what;
}

void ProgressBar::draw_until_end() {
  std::unique_lock lock(mutex_);
  if (end_.wait_for(lock, patience_, [this] { return ended_; })) return;
  do {
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(Throttle::Clock::now() - start_);
    write_all(descriptor_, std::string(kWipe) + progress_line(fraction_, what_, elapsed));
  } while (!end_.wait_for(lock, kBetween, [this] { return ended_; }));
  write_all(descriptor_, kWipe);
}

bool stderr_is_terminal() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace moesim
