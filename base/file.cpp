#include "base/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <streambuf>
#include <system_error>
#include <utility>

#include "base/interrupt.hpp"

namespace moesim {
namespace fs = std::filesystem;
namespace {

std::string error_text(int code) {
  return std::generic_category().message(code);
}

std::string hint_of(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return "create its folder first";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a place you may write to";
    case ENOSPC:
    case EDQUOT:
      return "free some space or choose another disk";
    case EISDIR:
      return "name a file";
    case ENAMETOOLONG:
      return "choose a shorter name";
    default:
      return "check the path";
  }
}

[[noreturn]] void fail(const fs::path& target, int code) {
  throw OutputError(target.string(), "cannot be written: " + error_text(code), hint_of(code));
}

/// Writes to a descriptor through a buffer and remembers the first error.
class DescriptorBuffer : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor) : descriptor_(descriptor) { clear(); }
  [[nodiscard]] int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override {
    if (sync() != 0) return traits_type::eof();
    if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
  }

  int sync() override {
    const char* begin = pbase();
    while (begin != pptr() && error_ == 0) {
      const ssize_t written = ::write(descriptor_, begin, static_cast<std::size_t>(pptr() - begin));
      if (written >= 0) {
        begin += written;
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    clear();
    return error_ == 0 ? 0 : -1;
  }

 private:
  void clear() { setp(buffer_.data(), buffer_.data() + buffer_.size()); }

  int descriptor_;
  int error_ = 0;
  std::array<char, 65536> buffer_{};
};

struct Descriptor {
  explicit Descriptor(int v) : value(v) {}
  Descriptor(Descriptor&& other) noexcept : value(std::exchange(other.value, -1)) {}
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
  int value;
};

bool same_file(int descriptor, const fs::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/// Opens and locks the partial file. Whoever had it may have renamed it away in between: then it is opened
/// anew.
Descriptor open_partial(const fs::path& target, const fs::path& partial) {
  for (;;) {
    Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (file.value < 0) fail(target, errno);
    if (::flock(file.value, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) fail(target, errno);
      throw OutputError(target.string(), "is being written by another process",
                        "wait for it or name another file");
    }
    if (!same_file(file.value, partial)) continue;
    if (::ftruncate(file.value, 0) != 0) fail(target, errno);
    return file;
  }
}

bool is_device_name(const fs::path& path) {
  const std::string text = path.string();
  return text.starts_with("/dev/") || text.starts_with("/proc/");
}

}  // namespace

struct AtomicFile::State {
  State(fs::path shown_, fs::path target_, fs::path partial_, Descriptor file_)
      : shown(std::move(shown_)),
        target(std::move(target_)),
        partial(std::move(partial_)),
        file(std::move(file_)),
        buffer(file.value),
        stream(&buffer) {
    if (!partial.empty()) removed_on_interrupt.emplace(partial);
  }

  fs::path shown;    // as the user named it
  fs::path target;   // with links followed
  fs::path partial;  // empty when the target is written directly
  Descriptor file;
  DescriptorBuffer buffer;
  std::ostream stream;
  std::optional<RemovedOnInterrupt> removed_on_interrupt;
  bool committed = false;
};

AtomicFile::AtomicFile(const fs::path& shown) {
  struct stat info {};
  const bool exists = ::stat(shown.c_str(), &info) == 0;
  if (!exists && errno != ENOENT) fail(shown, errno);
  if (!shown.has_filename() || (exists && S_ISDIR(info.st_mode))) {
    throw OutputError(shown.string(), "is a folder", "name a file");
  }
  if (exists && (!S_ISREG(info.st_mode) || is_device_name(shown))) {
    Descriptor file(::open(shown.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.value < 0) fail(shown, errno);
    state_ = std::make_unique<State>(shown, shown, fs::path{}, std::move(file));
    return;
  }
  std::error_code ignored;
  const fs::path target = exists ? fs::canonical(shown, ignored) : shown;
  if (exists && ::access(target.c_str(), W_OK) != 0) fail(shown, errno);
  const fs::path partial = target.parent_path() / ("." + target.filename().string() + ".partial");
  Descriptor file = open_partial(shown, partial);
  if (exists) (void)::fchmod(file.value, info.st_mode & 07777);
  state_ = std::make_unique<State>(shown, target, partial, std::move(file));
}

AtomicFile::~AtomicFile() {
  if (!state_->committed && !state_->partial.empty()) ::unlink(state_->partial.c_str());
}

std::ostream& AtomicFile::stream() {
  return state_->stream;
}

void AtomicFile::write(std::string_view text) {
  state_->stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (state_->buffer.error() != 0) fail(state_->shown, state_->buffer.error());
}

void AtomicFile::commit() {
  State& state = *state_;
  if (state.committed) return;
  state.stream.flush();
  if (state.buffer.error() != 0) fail(state.shown, state.buffer.error());
  if (!state.partial.empty()) {
    if (::fsync(state.file.value) != 0) fail(state.shown, errno);
    if (::rename(state.partial.c_str(), state.target.c_str()) != 0) fail(state.shown, errno);
    const fs::path folder = state.target.has_parent_path() ? state.target.parent_path() : fs::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.value >= 0) (void)::fsync(directory.value);
  }
  state.removed_on_interrupt.reset();
  state.committed = true;
}

void write_file_atomically(const fs::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

}  // namespace moesim
