#include "sim/exchange/toml_keys.hpp"

#include <map>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {

struct TomlKeys::Given {
  struct Entry {
    Json value;
    unsigned line = 0;
  };
  std::map<std::string, Entry> keys;
};

namespace {

Json json_of(const toml::node& node) {
  if (const auto* array = node.as_array()) {
    Json list = Json::array();
    for (const toml::node& element : *array) list.push_back(json_of(element));
    return list;
  }
  if (const auto* table = node.as_table()) {
    Json object = Json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = json_of(value);
    return object;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  std::ostringstream text;  // dates and times
  node.visit([&](const auto& value) { text << value; });
  return text.str();
}

/// The leaves of a table, "section.key".
template <class Sink>
void for_each_leaf(const toml::table& table, const std::string& before, const Sink& sink) {
  for (const auto& [key, value] : table) {
    const std::string name = before + std::string(key.str());
    if (const auto* inner = value.as_table()) {
      for_each_leaf(*inner, name + '.', sink);
    } else {
      sink(name, value);
    }
  }
}

}  // namespace

TomlKeys::TomlKeys(std::string_view text, std::string file)
    : file_(std::move(file)), given_(std::make_unique<Given>()) {
  try {
    for_each_leaf(toml::parse(text), "", [this](const std::string& name, const toml::node& node) {
      given_->keys[name] = {json_of(node), node.source().begin.line};
    });
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    throw SpecError(file_, fmt::format("line {}, column {}", at.line, at.column),
                    std::string(error.description()),
                    "headings are [section], lines key = value, texts in quotes");
  }
}

TomlKeys::~TomlKeys() = default;

bool TomlKeys::has(const std::string& name) {
  asked_.insert(name);
  if (!given_->keys.contains(name)) return false;
  understood_.insert(name);
  return true;
}

Json TomlKeys::value(const std::string& name) {
  return has(name) ? given_->keys.at(name).value : Json();
}

std::optional<long> TomlKeys::number(const std::string& name, long low) {
  const Json found = value(name);
  if (found.is_null()) return std::nullopt;
  if (!found.is_number_integer() || found.get<long>() < low || found.get<long>() > (1L << 30))
    refuse(name, fmt::format("{} is no whole number of at least {}", found.dump(), low),
           fmt::format("digits without quotes, such as {}", low));
  return found.get<long>();
}

std::optional<std::string> TomlKeys::text(const std::string& name) {
  const Json found = value(name);
  if (found.is_null()) return std::nullopt;
  if (!found.is_string()) refuse(name, fmt::format("{} is no text", found.dump()), "put it in quotes");
  return found.get<std::string>();
}

bool TomlKeys::flag(const std::string& name) {
  const Json found = value(name);
  if (!found.is_null() && !found.is_boolean())
    refuse(name, fmt::format("{} is neither true nor false", found.dump()), "true or false, without quotes");
  return found.is_boolean() && found.get<bool>();
}

std::vector<std::string> TomlKeys::texts(const std::string& name) {
  const Json found = value(name);
  std::vector<std::string> all;
  if (found.is_string()) {
    std::istringstream words(found.get<std::string>());
    for (std::string word; std::getline(words, word, ',');) all.push_back(word);
    return all;
  }
  if (!found.is_null() && !found.is_array()) refuse(name, "is no list", "");
  for (const Json& one : found) {
    if (!one.is_string()) refuse(name, fmt::format("{} in it is no text", one.dump()), "");
    all.push_back(one.get<std::string>());
  }
  return all;
}

std::vector<std::string> TomlKeys::others() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : given_->keys) {
    if (!understood_.contains(name)) names.push_back(name);
  }
  return names;
}

bool TomlKeys::is_off(const std::string& name) const {
  const auto found = given_->keys.find(name);
  if (found == given_->keys.end()) return true;
  const Json& value = found->second.value;
  return value == false || value == 0 || value == "" || (value.is_array() && value.empty());
}

void TomlKeys::refuse(const std::string& name, const std::string& what, const std::string& hint) const {
  const auto found = given_->keys.find(name);
  const std::string pointer =
      found == given_->keys.end() ? name : fmt::format("line {}, {}", found->second.line, name);
  throw SpecError(file_, pointer, what, hint);
}

}  // namespace moesim
