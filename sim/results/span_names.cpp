#include "sim/results/span_names.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "sim/results/store.hpp"

namespace moesim {
namespace {

constexpr std::array<std::pair<const char*, std::vector<std::string> SpanNames::*>, 3> kMetaKeys{
    {{"phases", &SpanNames::phases}, {"lanes", &SpanNames::lanes}, {"passes", &SpanNames::passes}}};

std::vector<std::string> read_names(const std::string& text, const char* key) {
  if (text.empty()) return {};
  try {
    return parse_json(text, key).get<std::vector<std::string>>();
  } catch (const std::exception&) {
    throw RunError(fmt::format("the meta key '{}' of the record file is no array of texts", key));
  }
}

}  // namespace

std::string name_or_index(const std::vector<std::string>& names, std::uint8_t index, const char* what) {
  return index < names.size() ? names[index] : fmt::format("{} {}", what, index);
}

void write_span_names(const SpanNames& names, StoreWriter& records) {
  for (const auto& [key, member] : kMetaKeys) records.set_meta(key, Json(names.*member).dump());
}

SpanNames read_span_names(const StoreReader& records) {
  SpanNames names;
  for (const auto& [key, member] : kMetaKeys) names.*member = read_names(records.meta(key), key);
  return names;
}

}  // namespace moesim
