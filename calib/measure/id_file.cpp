#include "calib/measure/id_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"

namespace moesim {
namespace {

constexpr std::string_view kFirstLine = "moesim-id 1";
constexpr std::chrono::milliseconds kPollInterval{20};

struct IdText {
  std::string job;
  std::string digits;
};

std::optional<IdText> read_id_text(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  std::ifstream in(path);
  std::string first;
  IdText text;
  if (!in) return std::nullopt;  // removed in between
  if (!std::getline(in, first) || first != kFirstLine || !std::getline(in, text.job) ||
      !std::getline(in, text.digits)) {
    throw SpecError(path, "",
                    fmt::format("no file of an identifier: it does not start with '{}'", kFirstLine),
                    "name a file that nothing else uses");
  }
  return text;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::vector<std::byte> bytes_of(const std::string& digits, std::size_t size, const std::string& path) {
  const bool known = std::all_of(digits.begin(), digits.end(), [](char c) { return digit_value(c) >= 0; });
  if (!known || digits.size() != 2 * size) {
    throw SpecError(path, "", fmt::format("line 3: expected {} hexadecimal digits", 2 * size),
                    "every rank must run the same build");
  }
  std::vector<std::byte> id(size);
  for (std::size_t i = 0; i < size; ++i)
    id[i] = static_cast<std::byte>(16 * digit_value(digits[2 * i]) + digit_value(digits[2 * i + 1]));
  return id;
}

}  // namespace

void publish_id(const IdFile& file, std::span<const std::byte> id) {
  const auto old = read_id_text(file.path);
  if (old && (file.job.empty() || old->job == file.job)) {
    throw SpecError(file.path, "", "it is there already, left by another run",
                    "remove it, or give another --id-file");
  }
  std::string text = fmt::format("{}\n{}\n", kFirstLine, file.job);
  for (std::byte b : id) text += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  write_file_atomically(file.path, text + "\n");
}

std::vector<std::byte> await_id(const IdFile& file, std::size_t size, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::string foreign;
  do {
    const auto text = read_id_text(file.path);
    if (text && text->job == file.job) return bytes_of(text->digits, size, file.path);
    if (text) foreign = fmt::format("; the file there is of job '{}', not '{}'", text->job, file.job);
    std::this_thread::sleep_for(kPollInterval);
  } while (std::chrono::steady_clock::now() < end);
  throw RunError(
      fmt::format("{}: rank 0 has not written it within {} s{}: is it on storage that every node sees?",
                  file.path, static_cast<double>(patience.count()) / 1000, foreign));
}

void remove_id(const IdFile& file) {
  std::error_code ignored;
  std::filesystem::remove(file.path, ignored);
}

}  // namespace moesim
