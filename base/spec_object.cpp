#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"
#include "base/spec_text.hpp"

namespace moesim {
namespace {

void fail_unknown_key(const SpecReader& value, const SpecDescription& spec, const std::string& key) {
  std::vector<std::string> keys;
  for (const FieldDescription& field : spec.fields) keys.push_back(field.key);
  const std::string near = nearest(shown_text(key), keys);
  const std::string hint = near.empty() ? fmt::format("the keys of {} are {}", spec.name, joined(keys))
                                        : fmt::format("did you mean '{}'?", near);
  value.fail_at(child_pointer("", shown_text(key)), fmt::format("unknown key '{}'", shown_text(key)), hint);
}

void run_checks(const SpecReader& value, const SpecDescription& spec, const void* object) {
  for (const auto& check : spec.checks) {
    if (auto issue = check(object))
      value.fail_at(issue->pointer, std::move(issue->what), std::move(issue->hint));
  }
}

}  // namespace

void read_fields(const SpecReader& value, const SpecDescription& spec, void* object) {
  const Json& json = value.value();
  if (!json.is_object()) {
    value.fail(fmt::format("expected an object ({}), got {}", spec.name, shown_value(json)),
               "write its keys in { }");
    return;
  }
  const std::size_t before = value.num_issues();
  for (const auto& [key, unused] : json.items()) {
    if (value.full()) return;
    if (spec.find(key) == nullptr) fail_unknown_key(value, spec, key);
  }
  for (const FieldDescription& field : spec.fields) {
    if (const auto found = json.find(field.key); found != json.end()) {
      const std::size_t before_field = value.num_issues();
      field.read(object, value.child(field.key, *found));
      value.explain(before_field, fmt::format("{}: {}", field.key, field.doc));
    } else if (field.required) {
      value.fail_at(child_pointer("", field.key), fmt::format("missing key '{}'", field.key), field.doc);
    }
  }
  if (value.num_issues() == before) run_checks(value, spec, object);
}

SpecErrors::SpecErrors(const std::string& file, std::vector<SpecIssue> all)
    : SpecError(file, all.at(0).pointer, all.at(0).what, all.at(0).hint), issues(std::move(all)) {}

void read_object(const SpecDescription& spec, void* object, const Json& document, const std::string& file,
                 const std::string& pointer) {
  std::vector<SpecIssue> issues;
  read_fields(SpecReader(document, pointer, issues), spec, object);
  if (!issues.empty()) throw SpecErrors(file, std::move(issues));
}

void read_object_file(const SpecDescription& spec, void* object, const std::filesystem::path& path) {
  read_object(spec, object, read_json_file(path), path.string(), "");
}

void write_object(const SpecDescription& spec, const void* object, Json& out) {
  out = Json::object();
  for (const FieldDescription& field : spec.fields) {
    Json value;
    if (field.write(object, value)) out[field.key] = std::move(value);
  }
}

std::string write_object_text(const SpecDescription& spec, const void* object) {
  Json out;
  write_object(spec, object, out);
  return write_json(out);
}

void write_bool(bool value, Json& out) {
  out = value;
}
void write_signed(std::int64_t value, Json& out) {
  out = value;
}
void write_unsigned(std::uint64_t value, Json& out) {
  out = value;
}
void write_number(double value, Json& out) {
  out = value;
}
void write_text(std::string_view value, Json& out) {
  out = std::string(value);
}
void write_raw(const RawJson& value, Json& out) {
  out = parse_json(value.text, "");
}
bool Codec<Json>::write(const Json& value, Json& out) {
  return out = value, true;
}

void write_array(std::size_t size, const std::function<void(std::size_t index, Json& element)>& write,
                 Json& out) {
  out = Json::array();
  for (std::size_t i = 0; i < size; ++i) {
    Json element;
    write(i, element);
    out.push_back(std::move(element));
  }
}

void start_map(Json& out) {
  out = Json::object();
}
Json& map_entry(Json& map, const std::string& key) {
  return map[key];
}

}  // namespace moesim
