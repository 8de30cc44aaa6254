#include "sim/plan/number_walk.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/units.hpp"

namespace moesim {
namespace {

constexpr std::string_view kUncertainty = "_uncertainty";
/// Of the way from a bound that is refused to the value: the nearest that an end comes to it.
constexpr double kNearestToBound = 0.01;

struct Walk {
  std::string owner;
  std::string provenance;
  std::vector<SpecNumber> numbers;

  void object(const SpecDescription& spec, const Json& document, const std::string& name,
              const std::string& pointer) {
    for (const FieldDescription& field : spec.fields) {
      const auto found = document.find(field.key);
      if (found == document.end() || field.key.ends_with(kUncertainty)) continue;
      const std::string below = name + '.' + field.key;
      const std::string place = child_pointer(pointer, field.key);
      if (field.type.kind == SpecKind::kObject) {
        object(field.type.nested(), *found, below, place);
      } else if (field.type.kind == SpecKind::kNumber || field.type.kind == SpecKind::kQuantity) {
        number(field, *found, document.value(field.key + std::string(kUncertainty), 0.0), below, place);
      }
    }
  }

  void number(const FieldDescription& field, const Json& value, double uncertainty, const std::string& name,
              const std::string& pointer) {
    const bool is_quantity = field.type.kind == SpecKind::kQuantity;
    SpecNumber number{{name, owner, "ratio", provenance, "uncertainty"}, pointer, &field.type};
    if (is_quantity && value.is_string()) {
      number.input.value = parse_quantity(value.get<std::string>(), *field.type.dimension);
      number.input.unit = dimension_row(*field.type.dimension).si_unit;
    } else if (value.is_number()) {
      number.input.value = value.get<double>();
    }
    if (!(number.input.value > 0)) return;
    if (!(uncertainty > 0)) {
      number.input.stated = false;
      number.input.varied = "+-10 %";
      uncertainty = kUnstatedSpread * number.input.value;
    }
    set_ends(field.type.options, uncertainty, number.input);
    numbers.push_back(std::move(number));
  }

  static void set_ends(const FieldOptions& options, double uncertainty, VariedInput& input) {
    const double nearest =
        options.above_min ? options.min + kNearestToBound * (input.value - options.min) : options.min;
    input.low = std::max({input.value - uncertainty, nearest, 0.0});
    input.high = std::min(input.value + uncertainty, options.max);
  }
};

}  // namespace

std::vector<SpecNumber> spec_numbers(const SpecDescription& spec, const Json& document,
                                     const std::string& prefix, const std::string& owner,
                                     const std::string& provenance) {
  Walk walk{owner, provenance, {}};
  walk.object(spec, document, prefix, "");
  return std::move(walk.numbers);
}

void set_number(const SpecNumber& number, double value, Json& document) {
  Json& place = document[Json::json_pointer(number.pointer)];
  if (number.type->kind == SpecKind::kQuantity) {
    place = quantity_text(value, *number.type->dimension);
  } else {
    place = value;
  }
}

}  // namespace moesim
