#include "base/json.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

/// A walk over the text that shares its position, because SAX events carry none.
class CountedChar {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountedChar(const char* at, const char** shared) : at_(at), shared_(shared) {}
  reference operator*() const { return *at_; }
  CountedChar& operator++() {
    *shared_ = ++at_;
    return *this;
  }
  bool operator==(const CountedChar& other) const { return at_ == other.at_; }
  bool operator!=(const CountedChar& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** shared_;
};

/// Builds the document from events with a stack of its own, so that depth costs no call stack.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, std::string_view file) : text_(text), file_(file), at_(text.data()) {}

  const char** position() { return &at_; }
  Json take() { return std::move(root_); }

  bool null() override { return add(Json(nullptr)); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(Json(value)); }
  bool number_float(number_float_t value, const string_t&) override { return add(Json(value)); }
  bool string(string_t& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    Open& top = open_.back();
    top.key = value;
    if (!top.keys.insert(value).second) {
      fail(fmt::format("duplicate key '{}'", value), pointer(), "keep one of the two");
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    const std::string message = message_of(error.what());
    fail(message, pointer(), hint_of(message));
  }

 private:
  struct Open {
    Json value;
    std::string key;
    std::set<std::string> keys;
  };

  [[noreturn]] void fail(const std::string& what, const std::string& at_pointer,
                         const std::string& hint) const {
    std::size_t line = 1;
    std::size_t column = 1;
    for (const char* c = text_.data(); c < at_; ++c) {
      column = *c == '\n' ? 1 : column + 1;
      line += *c == '\n' ? 1 : 0;
    }
    throw SpecError(std::string(file_), at_pointer, fmt::format("{}:{}: {}", line, column, what), hint);
  }

  /// The parser's own message without its id, its position, and the text that it quotes last.
  static std::string message_of(std::string_view text) {
    if (const auto cut = text.find("; last read:"); cut != text.npos) text = text.substr(0, cut);
    if (text.find("out_of_range") != text.npos) return "not JSON: a number is beyond the range of a double";
    for (const std::string_view start : {" - ", ": "}) {
      if (const auto cut = text.find(start); cut != text.npos)
        return "not JSON: " + std::string(text.substr(cut + start.size()));
    }
    return "not JSON";
  }

  /// What to do about a fault that the parser describes so.
  [[nodiscard]] std::string hint_of(std::string_view message) const {
    struct Row {
      std::string_view message;
      std::string_view hint;
    };
    static constexpr std::array kRows{
        Row{"; expected end of input", "a file holds one value: remove what follows it"},
        Row{"missing closing quote", "close the text with \", or get the whole file: it may be cut off"},
        Row{"UTF-8", "save the file as UTF-8"},
        Row{"control character", "write line breaks and tabs in a text as \\n and \\t"},
        Row{"surrogate", "write the character itself, or both of its \\u halves"},
        Row{"range of a double", "give a number below 1.8e308"},
        Row{"unexpected ']'", "remove the comma before it, or add what is missing"},
        Row{"unexpected '}'", "remove the comma before it, or add what is missing"},
    };
    for (const Row& row : kRows) {
      if (message.find(row.message) != message.npos) return std::string(row.hint);
    }
    if (message.find("unexpected end of input") != message.npos && !open_.empty()) {
      std::string closing;
      for (const Open& open : open_) closing.insert(0, open.value.is_array() ? "]" : "}");
      return fmt::format("{} open: get the whole file, which may be cut off, or close with {}",
                         open_.size() == 1 ? "one bracket is" : fmt::format("{} brackets are", open_.size()),
                         closing);
    }
    return "keys and texts stand in double quotes, a comma between two values; there are no comments";
  }

  [[nodiscard]] std::string pointer() const {
    std::string result;
    for (const Open& open : open_) {
      if (open.value.is_array()) {
        result = child_pointer(result, open.value.size());
      } else if (!open.keys.empty()) {
        result = child_pointer(result, open.key);
      }
    }
    return result;
  }

  bool add(Json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Open& top = open_.back();
    if (top.value.is_array()) {
      top.value.get_ref<Json::array_t&>().push_back(std::move(value));
    } else {
      // The vector below the ordered map: its own insertion searches for the key again, in linear time.
      top.value.get_ref<Json::object_t&>().emplace_back(std::move(top.key), std::move(value));
      top.key = top.value.get_ref<Json::object_t&>().back().first;
    }
    return true;
  }

  bool open(Json&& value) {
    if (open_.size() >= static_cast<std::size_t>(kMaxJsonDepth)) {
      fail(fmt::format("nested more than {} deep", kMaxJsonDepth), "", "flatten the document");
    }
    open_.push_back({std::move(value), {}, {}});
    return true;
  }

  bool close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(value));
  }

  std::string_view text_;
  std::string_view file_;
  const char* at_;
  Json root_;
  std::vector<Open> open_;
};

[[noreturn]] void fail_file(const std::filesystem::path& path, const std::string& what,
                            const std::string& hint) {
  throw SpecError(path.string(), "", what, hint);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == text.npos;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > kMaxJsonBytes) {
    throw SpecError(std::string(file), "", fmt::format("larger than {} bytes", kMaxJsonBytes),
                    "split the file");
  }
  if (is_blank(text))
    throw SpecError(std::string(file), "", "1:1: empty", "write a JSON object, at least {}");
  Builder builder(text, file);
  const char** position = builder.position();
  Json::sax_parse(CountedChar(text.data(), position), CountedChar(text.data() + text.size(), position),
                  &builder);
  return builder.take();
}

Json read_json_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    fail_file(path, "no such file", "give the path of a JSON file");
  }
  if (std::filesystem::is_directory(status)) {
    fail_file(path, "a directory, not a file", "give the path of a JSON file in it");
  }
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > kMaxJsonBytes) {
    fail_file(path, fmt::format("larger than {} bytes", kMaxJsonBytes), "split the file");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) fail_file(path, fmt::format("cannot be read: {}", std::strerror(errno)), "check its permissions");
  std::string text;
  std::vector<char> block(1 << 16);
  while (text.size() <= kMaxJsonBytes && (in.read(block.data(), std::ssize(block)), in.gcount() > 0)) {
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) fail_file(path, "cannot be read to its end", "check the file system");
  return parse_json(text, path.string());
}

std::string child_pointer(std::string_view pointer, std::string_view key) {
  std::string result(pointer);
  result += '/';
  for (const char c : key) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

std::string child_pointer(std::string_view pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

}  // namespace moesim
