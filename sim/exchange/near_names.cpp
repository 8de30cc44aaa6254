#include "sim/exchange/near_names.hpp"

#include <span>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

/// Whether `name` is `other` with parts left out, at most half of it.
bool is_shortened(std::string_view name, std::string_view other) {
  std::size_t at = 0;
  for (const char c : other) at += at < name.size() && name[at] == c ? 1 : 0;
  return at == name.size() && 2 * name.size() >= other.size();
}

/// The shortest that `name` is short for, else the one of the fewest edits; empty where none is near.
std::string near_of(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view best;
  for (const std::string_view other : known) {
    if (is_shortened(name, other) && (best.empty() || other.size() < best.size())) best = other;
  }
  return best.empty() ? nearest(name, std::span<const std::string_view>(known)) : std::string(best);
}

/// The known name nearest to `name` among those of its section, else among all; empty where none is near.
std::string near_name(const std::string& name, const std::vector<std::string_view>& known) {
  const std::size_t key = name.rfind('.') + 1;  // 0 without a section
  const std::string_view section = std::string_view(name).substr(0, key);
  std::vector<std::string_view> keys;
  for (const std::string_view other : known) {
    if (other.rfind('.') + 1 == key && other.starts_with(section)) keys.push_back(other.substr(key));
  }
  if (keys.empty()) return near_of(name, known);
  const std::string near = near_of(std::string_view(name).substr(key), keys);
  return near.empty() ? near : std::string(section) + near;
}

}  // namespace

Json near_names(const Json& unknown, const std::set<std::string>& asked,
                const std::vector<std::string_view>& others) {
  std::vector<std::string_view> known(asked.begin(), asked.end());
  known.insert(known.end(), others.begin(), others.end());
  Json near = Json::object();
  for (const Json& name : unknown) {
    const std::string found = near_name(name.get<std::string>(), known);
    if (!found.empty()) near[name.get<std::string>()] = found;
  }
  return near;
}

}  // namespace moesim
