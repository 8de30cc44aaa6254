#include "workloads/recorded_routing/npy_header.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <string_view>

#include "base/error.hpp"

namespace moesim {
namespace {

constexpr std::string_view kMagic(kNpyMagic, sizeof kNpyMagic - 1);
constexpr std::size_t kMaxHeaderBytes = 65536;

[[noreturn]] void fail(const std::string& file, std::uint64_t byte, const std::string& what,
                       const std::string& hint) {
  throw SpecError(file, fmt::format("byte {}", byte), what, hint);
}

/// Reads the Python literal of the header: {'descr': '<u2', 'fortran_order': False, 'shape': (4, 2, 8), }.
class Literal {
 public:
  Literal(std::string_view text, const std::string& file, std::uint64_t begin)
      : text_(text), file_(file), begin_(begin) {}

  void read(NpyHeader& header) {
    expect('{');
    while (!take('}')) {
      const std::uint64_t key_byte = byte();
      const std::string key = quoted();
      expect(':');
      skip_blanks();
      read_value(header, key, key_byte);
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (at_ != text_.size()) fault("text after the header");
    if (header.type_byte == 0 || header.fortran_byte == 0 || header.shape_byte == 0) {
      fault("the header lacks one of descr, fortran_order, shape");
    }
  }

 private:
  [[nodiscard]] std::uint64_t byte() const { return begin_ + at_; }
  [[noreturn]] void fault(const std::string& what) const {
    fail(file_, byte(), what, "save the array with numpy.save");
  }

  void read_value(NpyHeader& header, const std::string& key, std::uint64_t key_byte) {
    std::uint64_t* place = key == "descr"           ? &header.type_byte
                           : key == "fortran_order" ? &header.fortran_byte
                           : key == "shape"         ? &header.shape_byte
                                                    : nullptr;
    if (place == nullptr)
      fail(file_, key_byte, "unknown key in the header", "save the array with numpy.save");
    if (*place != 0) fail(file_, key_byte, "a key of the header twice", "save the array with numpy.save");
    *place = byte();
    if (key == "descr") {
      if (at_ < text_.size() && text_[at_] == '[') {
        fail(file_, byte(), "an array of records", "save the ids as an array of uint16, int32 or int64");
      }
      header.type = quoted();
    } else if (key == "fortran_order") {
      header.fortran_order = truth();
    } else {
      header.shape = tuple();
    }
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fault(fmt::format("the header has no '{}' here", c));
  }
  std::string quoted() {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fault("the header has no quoted text here");
    const auto end = text_.find(quote, at_ + 1);
    if (end == text_.npos) fault("a quoted text of the header does not end");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return std::string(inside);
  }
  bool truth() {
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return value;
    }
    fault("neither True nor False");
  }
  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> values;
    expect('(');
    while (!take(')')) {
      skip_blanks();
      std::uint64_t value = 0;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
      if (error != std::errc()) fault("the shape has no number here");
      at_ = static_cast<std::size_t>(end - text_.data());
      values.push_back(value);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::string_view text_;
  const std::string& file_;
  std::uint64_t begin_;
  std::size_t at_ = 0;
};

/// The next `count` bytes.
std::string take_bytes(std::istream& in, const std::string& file, std::uint64_t at, std::size_t count) {
  std::string bytes(count, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(count));
  const auto got = static_cast<std::uint64_t>(in.gcount());
  if (got < count) fail(file, at + got, "the file ends inside the header", "get the whole file");
  return bytes;
}

}  // namespace

NpyHeader read_npy_header(std::istream& in, const std::string& file) {
  const std::string start = take_bytes(in, file, 0, 8);
  if (!start.starts_with(kMagic)) {
    fail(file, 0, "no .npy file: it does not begin with \\x93NUMPY",
         "save it with numpy.save, or name raw uint16 otherwise");
  }
  const int version = static_cast<unsigned char>(start[6]);
  if ((version != 1 && version != 2) || start[7] != '\0') {
    fail(file, 6, fmt::format("format {}.{} of .npy", version, static_cast<unsigned char>(start[7])),
         "save it in format 1.0 or 2.0, as numpy.save does");
  }
  const std::string size_bytes = take_bytes(in, file, 8, version == 1 ? 2 : 4);
  std::size_t size = 0;
  for (std::size_t i = size_bytes.size(); i-- > 0;) {
    size = (size << 8) | static_cast<unsigned char>(size_bytes[i]);
  }
  if (size > kMaxHeaderBytes) {
    fail(file, 8, fmt::format("a header of {} bytes", size), "save the array with numpy.save");
  }
  const std::uint64_t begin = 8 + size_bytes.size();
  const std::string text = take_bytes(in, file, begin, size);
  NpyHeader header;
  Literal(text, file, begin).read(header);
  header.data_begin = begin + size;
  return header;
}

std::string npy_header_text(const std::vector<std::uint64_t>& shape) {
  std::string literal = fmt::format("{{'descr': '<u2', 'fortran_order': False, 'shape': ({}{}), }}",
                                    fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr std::size_t kPrefix = 10;
  while ((kPrefix + literal.size() + 1) % 64 != 0) literal += ' ';
  literal += '\n';
  std::string text(kMagic);
  text += '\x01';
  text += '\0';
  text += static_cast<char>(literal.size() & 0xff);
  text += static_cast<char>(literal.size() >> 8);
  return text + literal;
}

}  // namespace moesim
