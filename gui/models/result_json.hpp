#pragma once

#include <QString>
#include <optional>

#include "base/json.hpp"

namespace moesim::gui {

/// The value of a key; an empty object where `parent` is no object or lacks it. Results of other programs and
/// damaged ones are read with these: nothing throws.
const Json& childOf(const Json& parent, const char* key);
/// Finite numbers alone.
std::optional<double> numberOf(const Json& value);
std::optional<double> numberIn(const Json& parent, const char* key);
/// NaN where there is no finite number.
double numberOrNan(const Json& parent, const char* key);
/// Empty where there is no text.
QString textIn(const Json& parent, const char* key);
/// A value for readers: a text without quotes, anything else as JSON.
QString shortText(const Json& value);

}  // namespace moesim::gui
