#pragma once

#include <string>
#include <string_view>

#include "base/spec_types.hpp"

namespace moesim {

/// What a JSON value is, for errors: "the number 450", "the text 'abc'", "an object".
std::string shown_value(const Json& value);

/// At most 60 bytes of a text from outside, not cut within a UTF-8 character.
std::string shown_text(std::string_view text);

/// A number as a document would write it: whole numbers without a fraction.
std::string number_text(double value);

/// The bounds in words, with units for quantities: "at least 1", "above 0 and at most 1"; empty without
/// bounds.
std::string bounds_text(const TypeDescription& type);

/// True where `value` keeps the bounds.
bool within_bounds(const FieldOptions& options, double value);

/// An example for a quantity: the field's own or its dimension's.
std::string example_of(const TypeDescription& type);

/// "a, b, c".
std::string joined(const std::vector<std::string>& texts);

}  // namespace moesim
