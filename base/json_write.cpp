#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace moesim {
namespace {

class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  void write(const Json& value, const std::string& pointer, int depth) {
    if (value.is_object()) {
      write_object(value, pointer, depth);
    } else if (value.is_array()) {
      write_array(value, pointer, depth);
    } else if (value.is_number_float()) {
      write_double(value.get<double>(), pointer);
    } else {
      text_ += value.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
  }

  std::string take() { return std::move(text_) + '\n'; }

 private:
  void new_line(int depth) {
    if (indent_ < 0) return;
    text_ += '\n';
    text_.append(static_cast<std::size_t>(indent_) * static_cast<std::size_t>(depth), ' ');
  }

  void write_object(const Json& object, const std::string& pointer, int depth) {
    text_ += '{';
    bool first = true;
    for (const auto& [key, value] : object.items()) {
      if (!first) text_ += ',';
      first = false;
      new_line(depth + 1);
      text_ += Json(key).dump(-1, ' ', false, Json::error_handler_t::replace);
      text_ += indent_ < 0 ? ":" : ": ";
      write(value, child_pointer(pointer, key), depth + 1);
    }
    if (!first) new_line(depth);
    text_ += '}';
  }

  void write_array(const Json& array, const std::string& pointer, int depth) {
    bool flat = true;
    for (const Json& value : array) flat = flat && !value.is_structured();
    text_ += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) text_ += flat && indent_ >= 0 ? ", " : ",";
      if (!flat) new_line(depth + 1);
      write(array[i], child_pointer(pointer, i), depth + 1);
    }
    if (!flat) new_line(depth);
    text_ += ']';
  }

  /// The shortest text of the same bits; ".0" keeps a whole number a double.
  void write_double(double value, const std::string& pointer) {
    if (!std::isfinite(value))
      throw RunError("a number that is not finite cannot be written as JSON, at " + pointer);
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    const std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
    text_ += digits;
    if (digits.find_first_of(".e") == digits.npos) text_ += ".0";
  }

  int indent_;
  std::string text_;
};

}  // namespace

std::string write_json(const Json& document, int indent) {
  Writer writer(indent);
  writer.write(document, "", 0);
  return writer.take();
}

}  // namespace moesim
