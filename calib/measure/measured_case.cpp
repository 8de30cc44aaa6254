#include "calib/measure/measured_case.hpp"

#include <cmath>

#include <fmt/format.h>

namespace moesim {

namespace {

std::string join(const std::map<std::string, double>& values) {
  std::string text;
  for (const auto& [key, value] : values) text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  return text;
}

}  // namespace

std::string MeasuredCase::id() const {
  std::string text = fmt::format("{}/{}/{}", group, enum_name(op), enum_name(format));
  if (role != GemmRole::forward) text += fmt::format("/{}", enum_name(role));
  for (const std::string& part : {name, join(axes), join(settings)})
    if (!part.empty()) text += "/" + part;
  return text;
}

double MeasuredCase::axis(std::string_view key) const {
  const auto found = axes.find(std::string(key));
  if (found == axes.end()) throw RunError(fmt::format("{}: no axis '{}'", id(), key));
  return found->second;
}

double MeasuredCase::setting(std::string_view key, double otherwise) const {
  const auto found = settings.find(std::string(key));
  return found == settings.end() ? otherwise : found->second;
}

bool CheckResult::passed() const {
  return std::isfinite(difference) && difference <= tolerance;
}

}  // namespace moesim
