#include "base/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int code) {
  throw OutputError(path.string(), std::generic_category().message(code),
                    "choose a folder that exists and can be written");
}

/// "process 17 on node3"
std::string own_name() {
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("process {} on {}", ::getpid(), host.data());
}

std::string text_of(int descriptor) {
  std::array<char, 256> text{};
  const ssize_t count = ::pread(descriptor, text.data(), text.size(), 0);
  return {text.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

bool is_file(int descriptor, const std::filesystem::path& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) : lock_path_(path) {
  lock_path_ += ".lock";
  while (descriptor_ < 0) {
    const int opened = ::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (opened < 0) fail(path, errno);
    if (::flock(opened, LOCK_EX | LOCK_NB) != 0) {
      const int code = errno;
      const std::string holder = text_of(opened);
      ::close(opened);
      if (code != EWOULDBLOCK) fail(path, code);
      throw OutputError(path.string(),
                        fmt::format("{} works on it already", holder.empty() ? "a process" : holder),
                        "wait for its end, or name another file");
    }
    // The holder before may have removed the file between its opening and its locking here.
    if (is_file(opened, lock_path_)) {
      descriptor_ = opened;
    } else {
      ::close(opened);
    }
  }
  const std::string name = own_name();
  if (::ftruncate(descriptor_, 0) == 0) (void)!::write(descriptor_, name.data(), name.size());
}

FileLock::~FileLock() {
  ::unlink(lock_path_.c_str());
  ::close(descriptor_);
}

}  // namespace moesim
