#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/quantity.hpp"
#include "base/spec_types.hpp"
#include "base/units.hpp"

namespace moesim {

/// The JSON names of an enum, in the order of the docs. Specialise beside the enum:
///   template <> struct EnumNames<Order> {
///     static constexpr std::array<std::pair<Order, std::string_view>, 2> table{{{Order::kA, "a"},
///     {Order::kB, "b"}}};
///   };
template <class E>
struct EnumNames;

/// The JSON name of an enum value.
template <class E>
constexpr std::string_view enum_name(E value) {
  for (const auto& [entry, name] : EnumNames<E>::table) {
    if (entry == value) return name;
  }
  return {};
}

/// A subtree that is kept as it stands, as compact JSON text.
struct RawJson {
  std::string text = "{}";
  bool operator==(const RawJson&) const = default;
};

template <class T>
concept HasSpec = requires(const T* object) {
  spec_of(object).description();
};

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires {
  EnumNames<E>::table.size();
};

// The readers, without templates: each returns nothing after it has put the fault on the reader's list.
std::optional<bool> read_bool(const SpecReader& value);
std::optional<std::int64_t> read_signed(const SpecReader& value, const TypeDescription& type,
                                        std::int64_t min, std::int64_t max);
std::optional<std::uint64_t> read_unsigned(const SpecReader& value, const TypeDescription& type,
                                           std::uint64_t max);
std::optional<double> read_number(const SpecReader& value, const TypeDescription& type);
std::optional<std::string> read_text(const SpecReader& value, const TypeDescription& type);
std::optional<double> read_quantity(const SpecReader& value, const TypeDescription& type);
void read_fields(const SpecReader& value, const SpecDescription& spec, void* object);
void read_raw(const SpecReader& value, RawJson& out);
/// Calls `visit` for each element; false (with a fault) where the value is no array / no object, or too
/// short.
bool read_array(const SpecReader& value, const TypeDescription& type,
                const std::function<void(const SpecReader& element)>& visit);
bool read_map(const SpecReader& value, const TypeDescription& type,
              const std::function<void(const std::string& key, const SpecReader& element)>& visit);

void write_bool(bool value, Json& out);
void write_signed(std::int64_t value, Json& out);
void write_unsigned(std::uint64_t value, Json& out);
void write_number(double value, Json& out);
void write_text(std::string_view value, Json& out);
void write_raw(const RawJson& value, Json& out);
void write_array(std::size_t size, const std::function<void(std::size_t index, Json& element)>& write,
                 Json& out);
void start_map(Json& out);
Json& map_entry(Json& map, const std::string& key);

FieldOptions without_min_items(FieldOptions options);
std::shared_ptr<const TypeDescription> element_of(TypeDescription type);

/// How a member type is described, read and written. `write` returns false where there is nothing to write.
template <class M>
struct Codec;

template <>
struct Codec<bool> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kBoolean, options, {}, {}, {}};
  }
  static void read(bool& out, const SpecReader& value, const TypeDescription&) {
    out = read_bool(value).value_or(out);
  }
  static bool write(bool value, Json& out) { return write_bool(value, out), true; }
};

template <std::integral M>
struct Codec<M> {
  using Limits = std::numeric_limits<M>;
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    const auto limits = between(static_cast<double>(Limits::min()), static_cast<double>(Limits::max()));
    return {SpecKind::kInteger, limits | options, {}, {}, {}};
  }
  static void read(M& out, const SpecReader& value, const TypeDescription& type) {
    if constexpr (std::is_signed_v<M>) {
      if (const auto number = read_signed(value, type, Limits::min(), Limits::max()))
        out = static_cast<M>(*number);
    } else {
      if (const auto number = read_unsigned(value, type, Limits::max())) out = static_cast<M>(*number);
    }
  }
  static bool write(M value, Json& out) {
    if constexpr (std::is_signed_v<M>) {
      write_signed(value, out);
    } else {
      write_unsigned(value, out);
    }
    return true;
  }
};

template <>
struct Codec<double> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kNumber, options, {}, {}, {}};
  }
  static void read(double& out, const SpecReader& value, const TypeDescription& type) {
    out = read_number(value, type).value_or(out);
  }
  static bool write(double value, Json& out) { return write_number(value, out), true; }
};

template <>
struct Codec<std::string> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kText, options, {}, {}, {}};
  }
  static void read(std::string& out, const SpecReader& value, const TypeDescription& type) {
    if (auto text = read_text(value, type)) out = std::move(*text);
  }
  static bool write(const std::string& value, Json& out) { return write_text(value, out), true; }
};

template <>
struct Codec<RawJson> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kAny, options, {}, {}, {}};
  }
  static void read(RawJson& out, const SpecReader& value, const TypeDescription&) { read_raw(value, out); }
  static bool write(const RawJson& value, Json& out) { return write_raw(value, out), true; }
};

template <>
struct Codec<Json> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kAny, options, {}, {}, {}};
  }
  static void read(Json& out, const SpecReader& value, const TypeDescription& type);
  static bool write(const Json& value, Json& out);
};

template <NamedEnum E>
struct Codec<E> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    TypeDescription type{SpecKind::kText, options, {}, {}, {}};
    if (options.choices.empty()) {
      for (const auto& entry : EnumNames<E>::table) type.options.choices.emplace_back(entry.second);
    }
    return type;
  }
  static void read(E& out, const SpecReader& value, const TypeDescription& type) {
    const auto text = read_text(value, type);
    if (!text) return;
    for (const auto& [entry, name] : EnumNames<E>::table) {
      if (name == *text) out = entry;
    }
  }
  static bool write(E value, Json& out) { return write_text(enum_name(value), out), true; }
};

template <class Tag>
struct Codec<Quantity<Tag>> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    TypeDescription type{SpecKind::kQuantity, options, DimensionOf<Tag>::value, {}, {}};
    if (options.min == -std::numeric_limits<double>::infinity()) type.options.min = 0.0;
    return type;
  }
  static void read(Quantity<Tag>& out, const SpecReader& value, const TypeDescription& type) {
    if (const auto si = read_quantity(value, type)) out = Quantity<Tag>(*si);
  }
  static bool write(Quantity<Tag> value, Json& out) { return write_text(to_text(value), out), true; }
};

template <class Tag>
struct Codec<Id<Tag>> {
  using Number = decltype(Id<Tag>::value);
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) { return Codec<Number>::describe(options); }
  static void read(Id<Tag>& out, const SpecReader& value, const TypeDescription& type) {
    Codec<Number>::read(out.value, value, type);
  }
  static bool write(Id<Tag> value, Json& out) { return Codec<Number>::write(value.value, out); }
};

template <HasSpec T>
struct Codec<T> {
  static constexpr bool kMayBeAbsent = false;
  static const SpecDescription& nested() { return spec_of(static_cast<const T*>(nullptr)).description(); }
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kObject, options, {}, {}, &nested};
  }
  static void read(T& out, const SpecReader& value, const TypeDescription&) {
    read_fields(value, nested(), &out);
  }
  static bool write(const T& value, Json& out);
};

template <class M>
struct Codec<std::optional<M>> {
  static constexpr bool kMayBeAbsent = true;
  static TypeDescription describe(const FieldOptions& options) { return Codec<M>::describe(options); }
  static void read(std::optional<M>& out, const SpecReader& value, const TypeDescription& type) {
    Codec<M>::read(out.emplace(), value, type);
  }
  static bool write(const std::optional<M>& value, Json& out) {
    return value && Codec<M>::write(*value, out);
  }
};

template <class M>
struct Codec<std::vector<M>> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kArray, options, {}, element_of(Codec<M>::describe(without_min_items(options))), {}};
  }
  static void read(std::vector<M>& out, const SpecReader& value, const TypeDescription& type) {
    std::vector<M> all;
    const bool is_array = read_array(value, type, [&](const SpecReader& element) {
      M item{};
      Codec<M>::read(item, element, *type.element);
      all.push_back(std::move(item));
    });
    if (is_array) out = std::move(all);
  }
  static bool write(const std::vector<M>& value, Json& out) {
    write_array(
        value.size(), [&](std::size_t i, Json& element) { Codec<M>::write(value[i], element); }, out);
    return true;
  }
};

template <class M>
struct Codec<std::map<std::string, M>> {
  static constexpr bool kMayBeAbsent = false;
  static TypeDescription describe(const FieldOptions& options) {
    return {SpecKind::kMap, options, {}, element_of(Codec<M>::describe(without_min_items(options))), {}};
  }
  static void read(std::map<std::string, M>& out, const SpecReader& value, const TypeDescription& type) {
    std::map<std::string, M> all;
    const bool is_map = read_map(value, type, [&](const std::string& key, const SpecReader& element) {
      Codec<M>::read(all[key], element, *type.element);
    });
    if (is_map) out = std::move(all);
  }
  static bool write(const std::map<std::string, M>& value, Json& out) {
    start_map(out);
    for (const auto& [key, item] : value) Codec<M>::write(item, map_entry(out, key));
    return true;
  }
};

void write_object(const SpecDescription& spec, const void* object, Json& out);

template <HasSpec T>
bool Codec<T>::write(const T& value, Json& out) {
  write_object(nested(), &value, out);
  return true;
}

}  // namespace moesim
