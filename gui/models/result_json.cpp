#include "gui/models/result_json.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace moesim::gui {

const Json& childOf(const Json& parent, const char* key) {
  static const Json kNothing = Json::object();
  if (!parent.is_object()) return kNothing;
  const auto at = parent.find(key);
  return at == parent.end() ? kNothing : *at;
}

std::optional<double> numberOf(const Json& value) {
  if (!value.is_number()) return {};
  const double number = value.get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<double> numberIn(const Json& parent, const char* key) {
  return numberOf(childOf(parent, key));
}

double numberOrNan(const Json& parent, const char* key) {
  return numberIn(parent, key).value_or(std::numeric_limits<double>::quiet_NaN());
}

QString textIn(const Json& parent, const char* key) {
  const Json& value = childOf(parent, key);
  return value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString();
}

QString shortText(const Json& value) {
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  return QString::fromStdString(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace moesim::gui
