#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/spec_types.hpp"
#include "sim/results/varied_input.hpp"

namespace moesim {

/// A number of a spec's document, by the JSON pointer of its place.
struct SpecNumber {
  VariedInput input;
  std::string pointer;
  const TypeDescription* type = nullptr;
};

/// Half of the span of an input whose uncertainty nobody stated, as a share of its value.
inline constexpr double kUnstatedSpread = 0.1;

/// Every number and quantity above zero of a document that write_spec() wrote, counts left out. Its ends are
/// plus or minus the key with "_uncertainty" behind it, else kUnstatedSpread of it, both within what the spec
/// accepts. Names are dotted keys behind `prefix`.
std::vector<SpecNumber> spec_numbers(const SpecDescription& spec, const Json& document,
                                     const std::string& prefix, const std::string& owner,
                                     const std::string& provenance);

/// Puts `value` at the number's place.
void set_number(const SpecNumber& number, double value, Json& document);

}  // namespace moesim
