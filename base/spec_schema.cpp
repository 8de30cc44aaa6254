#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "base/spec_text.hpp"

namespace moesim {
namespace {

class SchemaWriter {
 public:
  Json object(const SpecDescription& spec) {
    if (std::ranges::find(open_, &spec) != open_.end())
      throw std::logic_error("spec '" + spec.name + "' holds itself");
    open_.push_back(&spec);
    Json schema;
    schema["title"] = spec.name;
    schema["description"] = spec.doc;
    schema["type"] = "object";
    schema["properties"] = Json::object();
    Json required = Json::array();
    for (const FieldDescription& field : spec.fields) {
      schema["properties"][field.key] = property(spec, field);
      if (field.required) required.push_back(field.key);
    }
    schema["required"] = std::move(required);
    schema["additionalProperties"] = false;
    open_.pop_back();
    return schema;
  }

 private:
  Json property(const SpecDescription& spec, const FieldDescription& field) {
    Json schema = value(field.type);
    schema["description"] = field.doc;
    Json unset;
    if (!field.required && spec.write_default(field, unset)) schema["default"] = std::move(unset);
    if (!field.type.options.example.empty()) schema["examples"] = Json::array({field.type.options.example});
    return schema;
  }

  Json value(const TypeDescription& type) {
    switch (type.kind) {
      case SpecKind::kBoolean:
        return {{"type", "boolean"}};
      case SpecKind::kInteger:
        return number("integer", type.options);
      case SpecKind::kNumber:
        return number("number", type.options);
      case SpecKind::kText:
        return text(type.options);
      case SpecKind::kQuantity:
        return quantity(type);
      case SpecKind::kArray:
        return array(type);
      case SpecKind::kMap:
        return map(type);
      case SpecKind::kObject:
        return object(type.nested());
      case SpecKind::kAny:
        break;
    }
    return Json::object();
  }

  static void set_bound(Json& schema, const char* keyword, double bound) {
    constexpr double kExact = 9007199254740992.0;  // 2^53: larger ones are the limits of an integer type
    if (!std::isfinite(bound)) return;
    if (bound != std::trunc(bound)) {
      schema[keyword] = bound;
    } else if (std::abs(bound) <= kExact) {
      schema[keyword] = static_cast<std::int64_t>(bound);
    }
  }

  static Json number(const char* type, const FieldOptions& options) {
    Json schema{{"type", type}};
    set_bound(schema, options.above_min ? "exclusiveMinimum" : "minimum", options.min);
    set_bound(schema, "maximum", options.max);
    return schema;
  }

  static Json text(const FieldOptions& options) {
    Json schema{{"type", "string"}};
    if (options.min_items > 0) schema["minLength"] = options.min_items;
    if (!options.choices.empty()) schema["enum"] = options.choices;
    return schema;
  }

  /// A text with unit; zero also as a number, where the bounds hold it.
  static Json quantity(const TypeDescription& type) {
    Json with_unit{{"type", "string"}, {"pattern", quantity_pattern(*type.dimension)}};
    if (!within_bounds(type.options, 0.0)) return with_unit;
    return {{"anyOf", Json::array({std::move(with_unit), Json{{"const", 0}}})}};
  }

  Json array(const TypeDescription& type) {
    Json schema{{"type", "array"}, {"items", value(*type.element)}};
    if (type.options.min_items > 0) schema["minItems"] = type.options.min_items;
    return schema;
  }

  Json map(const TypeDescription& type) {
    Json schema{{"type", "object"}, {"additionalProperties", value(*type.element)}};
    if (type.options.min_items > 0) schema["minProperties"] = type.options.min_items;
    return schema;
  }

  std::vector<const SpecDescription*> open_;
};

}  // namespace

void write_schema(const SpecDescription& spec, Json& out) {
  out = Json{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
  out.update(SchemaWriter().object(spec));
}

std::string write_schema_text(const SpecDescription& spec) {
  Json out;
  write_schema(spec, out);
  return write_json(out);
}

}  // namespace moesim
