#include <limits>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "base/spec_text.hpp"

namespace moesim {
namespace {

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

/// The bounds without those that every 32-bit integer keeps.
std::string told_bounds(TypeDescription type) {
  constexpr double kLargest = 2147483647.0;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (type.kind == SpecKind::kInteger && type.options.max >= kLargest) type.options.max = kInfinity;
  if (type.kind == SpecKind::kInteger && type.options.min < -kLargest) type.options.min = -kInfinity;
  return bounds_text(type);
}

std::string type_text(const TypeDescription& type) {
  const std::string bounds = told_bounds(type);
  const auto bounded = [&](const std::string& name) { return bounds.empty() ? name : name + ", " + bounds; };
  switch (type.kind) {
    case SpecKind::kBoolean:
      return "true or false";
    case SpecKind::kInteger:
      return bounded("whole number");
    case SpecKind::kNumber:
      return bounded("number");
    case SpecKind::kText:
      return type.options.choices.empty() ? "text" : "one of " + joined(type.options.choices);
    case SpecKind::kQuantity:
      return bounded("quantity");
    case SpecKind::kArray:
      return "array of " + type_text(*type.element);
    case SpecKind::kMap:
      return "object from name to " + type_text(*type.element);
    case SpecKind::kObject:
      return type.nested().name;
    case SpecKind::kAny:
      break;
  }
  return "any JSON";
}

const TypeDescription& innermost(const TypeDescription& type) {
  return type.element ? innermost(*type.element) : type;
}

std::string unit_text(const TypeDescription& type) {
  const TypeDescription& inner = innermost(type);
  if (!inner.dimension) return "";
  return fmt::format("{}, as `\"{}\"`", dimension_row(*inner.dimension).name, example_of(inner));
}

std::string default_text(const SpecDescription& spec, const FieldDescription& field) {
  if (field.required) return "required";
  Json value;
  if (!spec.write_default(field, value)) return "none";
  if (field.type.kind == SpecKind::kObject) return "that of its keys";
  std::string text = write_json(value, -1);
  text.pop_back();
  return fmt::format("`{}`", text);
}

std::string below(const std::string& path, const TypeDescription& type) {
  if (type.kind == SpecKind::kArray) return below(path + "[]", *type.element);
  if (type.kind == SpecKind::kMap) return below(path + ".NAME", *type.element);
  return path + ".";
}

void add_rows(const SpecDescription& spec, const std::string& prefix, std::string& out) {
  for (const FieldDescription& field : spec.fields) {
    const std::string path = prefix + field.key;
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", path, cell(type_text(field.type)),
                       cell(unit_text(field.type)), cell(default_text(spec, field)), cell(field.doc));
    const TypeDescription& inner = innermost(field.type);
    if (inner.kind == SpecKind::kObject) add_rows(inner.nested(), below(path, field.type), out);
  }
}

}  // namespace

std::string markdown_table(const SpecDescription& spec) {
  std::string out = "| key | type | unit | default | meaning |\n|---|---|---|---|---|\n";
  add_rows(spec, "", out);
  return out;
}

}  // namespace moesim
