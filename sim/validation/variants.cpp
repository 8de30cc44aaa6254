#include "sim/validation/variants.hpp"

#include <fmt/format.h>

namespace moesim {
namespace {

/// Each variant with each value of one pointer of the grid.
std::vector<Variant> crossed(const std::vector<Variant>& variants, const std::string& place,
                             const std::vector<RawJson>& values) {
  const std::string pointer = child_pointer("/range/grid", place);
  std::vector<Variant> all;
  for (const Variant& variant : variants) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      all.push_back(variant);
      all.back().overrides.push_back({place, values[i], child_pointer(pointer, i)});
    }
  }
  return all;
}

std::string label_of(const Variant& variant) {
  std::string label;
  for (const PlacedOverride& override : variant.overrides) {
    label += fmt::format("{}{}={}", label.empty() ? "" : " ", override.place, override.value.text);
  }
  return label;
}

}  // namespace

std::vector<PlacedOverride> placed(const Overrides& overrides, const std::string& pointer) {
  std::vector<PlacedOverride> all;
  for (const auto& [place, value] : overrides) all.push_back({place, value, child_pointer(pointer, place)});
  return all;
}

std::vector<Variant> variants_of(const ValidationCase& c) {
  std::vector<Variant> variants;
  if (!c.range) return {Variant{}};
  for (std::size_t i = 0; i < c.range->variants.size(); ++i) {
    variants.push_back({"", placed(c.range->variants[i], child_pointer("/range/variants", i))});
  }
  if (variants.empty()) variants.emplace_back();
  for (const auto& [place, values] : c.range->grid) variants = crossed(variants, place, values);
  for (Variant& variant : variants) variant.label = label_of(variant);
  return variants;
}

}  // namespace moesim
