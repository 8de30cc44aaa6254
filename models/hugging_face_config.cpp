#include "models/hugging_face_config.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace moesim {
namespace {

constexpr std::int64_t kMaxCount = 1 << 16;
constexpr std::int64_t kMaxWidth = 1 << 26;

}  // namespace

void HuggingFaceConfig::fail(const std::string& key, const std::string& what, const std::string& hint) const {
  throw SpecError(file_, child_pointer("", key), what, hint);
}

bool HuggingFaceConfig::has(const std::string& key) const {
  asked_for_.insert(key);
  const auto found = config_.find(key);
  return found != config_.end() && !found->is_null();
}

void HuggingFaceConfig::require(const std::string& key, std::string_view rule) const {
  if (has(key)) return;
  fail(key, "missing", fmt::format("{} configurations give {}: {}", family_, key, rule));
}

std::int64_t HuggingFaceConfig::integer(const std::string& key, std::int64_t min, std::int64_t max) const {
  const Json& value = config_.at(key);
  if (!value.is_number_integer()) fail(key, "not an integer", fmt::format("give {} to {}", min, max));
  const bool too_large = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  const std::int64_t number =
      too_large ? std::numeric_limits<std::int64_t>::max() : value.get<std::int64_t>();
  if (number < min || number > max) {
    fail(key, fmt::format("{} is out of range", value.dump()), fmt::format("give {} to {}", min, max));
  }
  return number;
}

std::int64_t HuggingFaceConfig::width(const std::string& key, std::string_view rule) const {
  require(key, rule);
  return integer(key, 1, kMaxWidth);
}

int HuggingFaceConfig::count(const std::string& key, std::string_view rule) const {
  require(key, rule);
  return static_cast<int>(integer(key, 1, kMaxCount));
}

std::int64_t HuggingFaceConfig::width_or(const std::string& key, std::int64_t otherwise) const {
  return has(key) ? integer(key, 0, kMaxWidth) : otherwise;
}

int HuggingFaceConfig::count_or(const std::string& key, int otherwise) const {
  return has(key) ? static_cast<int>(integer(key, 0, kMaxCount)) : otherwise;
}

double HuggingFaceConfig::number_or(const std::string& key, double otherwise) const {
  if (!has(key)) return otherwise;
  const Json& value = config_.at(key);
  if (!value.is_number() || value.get<double>() <= 0) fail(key, "not a positive number", "give e.g. 2.5");
  return value.get<double>();
}

bool HuggingFaceConfig::flag_or(const std::string& key, bool otherwise) const {
  if (!has(key)) return otherwise;
  if (!config_.at(key).is_boolean()) fail(key, "neither true nor false", "give true or false");
  return config_.at(key).get<bool>();
}

std::string HuggingFaceConfig::text_or(const std::string& key, std::string_view otherwise) const {
  if (!has(key)) return std::string(otherwise);
  if (!config_.at(key).is_string()) fail(key, "not a text", fmt::format("give e.g. \"{}\"", otherwise));
  return config_.at(key).get<std::string>();
}

void HuggingFaceConfig::expect(const std::string& key, std::string_view value) const {
  const std::string text = text_or(key, value);
  if (text == value) return;
  fail(key, fmt::format("\"{}\" is not modelled for {}", text, family_), fmt::format("give \"{}\"", value));
}

std::vector<std::int64_t> HuggingFaceConfig::list_or_empty(const std::string& key) const {
  std::vector<std::int64_t> numbers;
  if (!has(key)) return numbers;
  const Json& list = config_.at(key);
  if (!list.is_array()) fail(key, "not a list", "give e.g. [0, 1] or []");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_number_integer() || list[i] < 0 || list[i] > kMaxCount) {
      throw SpecError(file_, child_pointer(child_pointer("", key), i),
                      fmt::format("{} is no number from 0 to {}", list[i].dump(), kMaxCount),
                      "give e.g. [0, 1] or []");
    }
    numbers.push_back(list[i].get<std::int64_t>());
  }
  return numbers;
}

void HuggingFaceConfig::refuse_flag(const std::string& key, std::string_view why) const {
  if (flag_or(key, false))
    fail(key, std::string(why), fmt::format("{} models have none; give false", family_));
}

void HuggingFaceConfig::refuse_key(const std::string& key, std::string_view what,
                                   std::string_view rule) const {
  if (!has(key)) return;
  fail(key, fmt::format("speaks of {}, which {} models do not have", what, family_),
       fmt::format("{} configurations: {}; give the model_type that this model has", family_, rule));
}

}  // namespace moesim
