#include <charconv>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "base/spec_pointer.hpp"
#include "base/spec_text.hpp"

namespace moesim {
namespace {

[[noreturn]] void fail(std::string_view pointer, const std::string& what, const std::string& hint) {
  throw SpecError("--set", std::string(pointer), what, hint);
}

/// The reference tokens of a JSON pointer (RFC 6901), unescaped.
std::vector<std::string> tokens_of(std::string_view pointer) {
  if (pointer.empty() || pointer[0] != '/') {
    fail(pointer, "not a JSON pointer", "start it with /, for example /layout/pp");
  }
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back() += pointer[i];
    } else if (const char next = i + 1 < pointer.size() ? pointer[i + 1] : ' '; next == '0' || next == '1') {
      tokens.back() += next == '0' ? '~' : '/';
      ++i;
    } else {
      fail(pointer, "not a JSON pointer", "write ~ as ~0 and / within a key as ~1");
    }
  }
  return tokens;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : object.items()) keys.push_back(key);
  return keys;
}

/// The schema of one key or index below `schema`; throws where it has none.
const Json& schema_below(const Json& schema, const std::string& token, std::string_view pointer) {
  static const Json kAnything = Json::object();
  if (const auto items = schema.find("items"); items != schema.end()) return *items;
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    if (const auto found = properties->find(token); found != properties->end()) return *found;
    const auto keys = keys_of(*properties);
    const std::string near = nearest(shown_text(token), keys);
    fail(pointer, fmt::format("unknown key '{}'", shown_text(token)),
         near.empty() ? "the keys here are " + joined(keys) : fmt::format("did you mean '{}'?", near));
  }
  if (const auto others = schema.find("additionalProperties");
      others != schema.end() && others->is_object()) {
    return *others;
  }
  if (!schema.contains("type") && !schema.contains("anyOf")) return kAnything;
  fail(pointer, fmt::format("'{}' is below a single value", shown_text(token)), "shorten the pointer");
}

Json& element_below(Json& array, const std::string& token, std::string_view pointer) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool is_number = error == std::errc() && end == token.data() + token.size() && !token.empty();
  if (!is_number || index > array.size()) {
    fail(pointer, fmt::format("'{}' is no index of an array of {}", shown_text(token), array.size()),
         "count from 0; the length itself appends");
  }
  if (index == array.size()) array.push_back(nullptr);
  return array[index];
}

Json& value_below(Json& parent, const Json& schema, const std::string& token, std::string_view pointer) {
  if (parent.is_null()) parent = schema.contains("items") ? Json::array() : Json::object();
  if (parent.is_array()) return element_below(parent, token, pointer);
  if (parent.is_object() && !schema.contains("items")) return parent[token];
  fail(pointer, fmt::format("'{}' is below {}", shown_text(token), shown_value(parent)),
       "correct the document first");
}

bool wants_text(const Json& schema) {
  if (const auto type = schema.find("type"); type != schema.end()) return *type == "string";
  return false;
}

Json value_of(const Json& schema, std::string_view pointer, std::string_view text) {
  const std::string place = fmt::format("--set {}", pointer);
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  if (!wants_text(schema) || is_quoted) {
    try {
      return parse_json(text, place);
    } catch (const SpecError&) {
      // Not JSON: a plain text such as 450 GB/s needs no quotes.
    }
  }
  return std::string(text);
}

/// A place where any value may stand, such as a cluster.
bool takes_anything(const Json& schema) {
  return !schema.contains("type") && !schema.contains("anyOf") && !schema.contains("properties");
}

/// Refuses a way through a name, which stands for a document elsewhere, with the object that changes that
/// document: {"base": NAME, ...}. `tokens` lead from the name to the value.
[[noreturn]] void fail_below_name(std::string_view pointer, std::string_view pointer_of_name,
                                  const Json& name, std::span<const std::string> tokens, Json value) {
  for (std::size_t i = tokens.size(); i > 1; --i) value = Json{{tokens[i - 1], std::move(value)}};
  const Json change{{"base", name}, {tokens[0], std::move(value)}};
  std::string text = write_json(change, -1);
  text.pop_back();  // the newline
  fail(pointer, fmt::format("'{}' is below the name {}", shown_text(tokens[0]), name.dump()),
       fmt::format("write --set '{}={}'", pointer_of_name, text));
}

/// Where a pointer leads, and the schema of what stands there.
struct Place {
  Json* value;
  const Json* schema;
};

/// Makes what is missing on the way. `value_below_name` is what fail_below_name() shows.
Place place_at(Json& document, const Json& schema, std::string_view pointer,
               const std::function<Json()>& value_below_name) {
  const std::vector<std::string> tokens = tokens_of(pointer);
  Place place{&document, &schema};
  std::string pointer_of_place;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (place.value->is_string() && takes_anything(*place.schema)) {
      fail_below_name(pointer, pointer_of_place, *place.value, std::span(tokens).subspan(i),
                      value_below_name());
    }
    const Json& below = schema_below(*place.schema, tokens[i], pointer);
    place = {&value_below(*place.value, *place.schema, tokens[i], pointer), &below};
    pointer_of_place = child_pointer(pointer_of_place, tokens[i]);
  }
  return place;
}

}  // namespace

void set_at_pointer(Json& document, const Json& schema, std::string_view pointer,
                    std::string_view value_text) {
  Json changed = document;  // a fault leaves the document as it was
  const Place place =
      place_at(changed, schema, pointer, [&] { return value_of(Json::object(), pointer, value_text); });
  *place.value = value_of(*place.schema, pointer, value_text);
  document = std::move(changed);
}

void set_value_at_pointer(Json& document, const Json& schema, const std::string& file,
                          std::string_view pointer, const Json& value) {
  try {
    *place_at(document, schema, pointer, [&] { return value; }).value = value;
  } catch (const SpecError& error) {
    constexpr std::string_view kSet = "write --set ";
    const bool is_set = error.hint.starts_with(kSet);
    throw SpecError(file, error.pointer, error.what_text,
                    is_set ? "give instead " + error.hint.substr(kSet.size()) : error.hint);
  }
}

}  // namespace moesim
