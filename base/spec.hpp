#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/spec_codec.hpp"
#include "base/spec_types.hpp"

namespace moesim {

/// The typed description of one kind of JSON object: it drives reading, writing, errors, the JSON schema and
/// the table of the docs. Built once in a function found by argument-dependent lookup:
///
///   const Spec<Layout>& spec_of(const Layout*) {
///     static const Spec<Layout> spec = Spec<Layout>("layout", "How ranks are arranged.")
///         .field("pipeline_parallel", &Layout::pp, "pipeline stages", at_least(1))
///         .field("link", &Layout::link, "per GPU and direction", optional() | example("450 GB/s"));
///     return spec;
///   }
///
/// Members: bool, integers, double, std::string, any Quantity (a text with unit, or the number 0), Id, enums
/// with EnumNames, RawJson, Json, types with a spec_of, and std::vector, std::optional, std::map<std::string,
/// ...> of them. A key is required unless optional(); an absent optional key keeps the member's value of a
/// default-constructed T. A std::optional member is never required.
template <class T>
class Spec {
 public:
  Spec(std::string name, std::string doc) {
    description_.name = std::move(name);
    description_.doc = std::move(doc);
    description_.write_default = [](const FieldDescription& field, Json& out) {
      const T object{};
      return field.write(&object, out);
    };
  }

  /// Adds a key. `doc` says meaning and shape; the unit comes from the member's type.
  template <class M, class Owner>
  requires std::is_base_of_v<Owner, T> Spec& field(std::string key, M Owner::*member, std::string doc,
                                                   const FieldOptions& options = {}) {
    const auto type = std::make_shared<const TypeDescription>(Codec<M>::describe(options));
    FieldDescription field;
    field.key = std::move(key);
    field.doc = std::move(doc);
    field.type = *type;
    field.required = options.required && !Codec<M>::kMayBeAbsent;
    field.read = [member, type](void* object, const SpecReader& value) {
      Codec<M>::read(static_cast<T*>(object)->*member, value, *type);
    };
    field.write = [member](const void* object, Json& out) {
      return Codec<M>::write(static_cast<const T*>(object)->*member, out);
    };
    description_.fields.push_back(std::move(field));
    return *this;
  }

  /// Adds a condition over several keys, tried once all keys of the object are read without fault.
  Spec& check(std::function<std::optional<SpecIssue>(const T&)> condition) {
    description_.checks.push_back([condition = std::move(condition)](const void* object) {
      return condition(*static_cast<const T*>(object));
    });
    return *this;
  }

  [[nodiscard]] const SpecDescription& description() const { return description_; }

 private:
  SpecDescription description_;
};

/// Every fault of a document; as a SpecError it shows the first.
struct SpecErrors : SpecError {
  SpecErrors(const std::string& file, std::vector<SpecIssue> all);
  std::vector<SpecIssue> issues;  ///< never empty, in the order of the spec's keys
};

/// Without types: what the templates below call. `object` is a default-constructed T of the description.
void read_object(const SpecDescription& spec, void* object, const Json& document, const std::string& file,
                 const std::string& pointer);
void read_object_file(const SpecDescription& spec, void* object, const std::filesystem::path& path);
void write_object(const SpecDescription& spec, const void* object, Json& out);
std::string write_object_text(const SpecDescription& spec, const void* object);
void write_schema(const SpecDescription& spec, Json& out);
std::string write_schema_text(const SpecDescription& spec);
std::string markdown_table(const SpecDescription& spec);

template <class T>
const SpecDescription& description_of() {
  return spec_of(static_cast<const T*>(nullptr)).description();
}

/// Reads a T. `pointer` is the place of `document` within `file`, for errors. Throws SpecErrors (a
/// SpecError).
template <class T>
T read_spec(const Json& document, const std::string& file, const std::string& pointer = "") {
  T object{};
  read_object(description_of<T>(), &object, document, file, pointer);
  return object;
}

/// Reads a T from a whole file. Throws SpecError.
template <class T>
T read_spec_file(const std::filesystem::path& path) {
  T object{};
  read_object_file(description_of<T>(), &object, path);
  return object;
}

/// Every key with its value, defaults included: read_spec of it gives an equal object.
/// (The result's type is a template parameter so that this header needs no complete Json.)
template <class T, class Document = Json>
Document write_spec(const T& object) {
  Document out;
  write_object(description_of<T>(), &object, out);
  return out;
}

/// write_json(write_spec(object)).
template <class T>
std::string write_spec_text(const T& object) {
  return write_object_text(description_of<T>(), &object);
}

/// JSON Schema, draft 2020-12. It accepts what read_spec accepts, less checks over several keys and bounds of
/// quantities.
template <class T, class Document = Json>
Document schema_of() {
  Document out;
  write_schema(description_of<T>(), out);
  return out;
}

template <class T>
std::string schema_text_of() {
  return write_schema_text(description_of<T>());
}

/// Markdown: one row for each key, nested keys as a.b and a[].b: key | type | unit | default | meaning.
template <class T>
std::string markdown_table_of() {
  return markdown_table(description_of<T>());
}

/// Sets one value of a document, as `--set POINTER=VALUE` does. The value is parsed as JSON where the schema
/// does not want a text, else taken as text. Missing objects on the way are made; an array index may be the
/// array's length. Throws SpecError where the schema has no such place or the way leads through a scalar.
void set_at_pointer(Json& document, const Json& schema, std::string_view pointer,
                    std::string_view value_text);

}  // namespace moesim
