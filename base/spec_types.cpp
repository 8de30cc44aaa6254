#include "base/spec_types.hpp"

#include <algorithm>
#include <utility>

#include "base/spec_codec.hpp"

namespace moesim {

FieldOptions FieldOptions::and_optional() const {
  FieldOptions result = *this;
  result.required = false;
  return result;
}

FieldOptions operator|(const FieldOptions& a, const FieldOptions& b) {
  FieldOptions both = a;
  if (b.min >= a.min) {
    both.min = b.min;
    both.above_min = b.above_min || (a.above_min && a.min == b.min);
  }
  both.max = std::min(a.max, b.max);
  both.required = a.required && b.required;
  both.min_items = std::max(a.min_items, b.min_items);
  if (!b.choices.empty()) both.choices = b.choices;
  if (!b.example.empty()) both.example = b.example;
  return both;
}

FieldOptions optional() {
  return FieldOptions{}.and_optional();
}

FieldOptions at_least(double min) {
  FieldOptions options;
  options.min = min;
  return options;
}

FieldOptions at_most(double max) {
  FieldOptions options;
  options.max = max;
  return options;
}

FieldOptions above(double min) {
  FieldOptions options = at_least(min);
  options.above_min = true;
  return options;
}

FieldOptions between(double min, double max) {
  return at_least(min) | at_most(max);
}

FieldOptions choices(std::vector<std::string> texts) {
  FieldOptions options;
  options.choices = std::move(texts);
  return options;
}

FieldOptions non_empty() {
  FieldOptions options;
  options.min_items = 1;
  return options;
}

FieldOptions example(std::string text) {
  FieldOptions options;
  options.example = std::move(text);
  return options;
}

FieldOptions without_min_items(FieldOptions options) {
  options.min_items = 0;
  return options;
}

std::shared_ptr<const TypeDescription> element_of(TypeDescription type) {
  return std::make_shared<const TypeDescription>(std::move(type));
}

const FieldDescription* SpecDescription::find(std::string_view key) const {
  const auto found = std::ranges::find(fields, key, &FieldDescription::key);
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace moesim
