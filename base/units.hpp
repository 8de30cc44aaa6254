#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/quantity.hpp"

namespace moesim {

/// The dimensions a text may carry; one for every quantity type.
enum class Dimension {
  kTime,
  kBytes,
  kFlops,
  kByteRate,
  kFlopRate,
  kPower,
  kEnergy,
  kMoney,
  kMoneyRate,
  kFrequency
};

/// Multipliers a unit may carry in front.
enum class PrefixSet {
  kNone,
  kSmall,   ///< p n u m
  kLarge,   ///< k M G T P E
  kBinary,  ///< kLarge and Ki Mi Gi Ti Pi Ei
};

/// A row of the unit table: one `symbol` is numerator / denominator SI units.
struct UnitRow {
  Dimension dimension;
  std::string_view symbol;
  double numerator;
  double denominator;
  PrefixSet prefixes;
  bool written;  ///< to_text may use it; false for spellings that are only read
};

/// What an error or a document calls a dimension, and an example of it.
struct DimensionRow {
  Dimension dimension;
  std::string_view name;     ///< "time"
  std::string_view si_unit;  ///< "s"
  std::string_view example;  ///< "5 us"
};

/// Every unit that is read, in the order documents list them.
std::span<const UnitRow> unit_table();
const DimensionRow& dimension_row(Dimension dimension);

/// Reads "NUMBER UNIT" ("450 GB/s", "5us", "2 $/h") into SI units. b is bit, B byte; k is 10^3, Ki 2^10.
/// Space between and around is optional; the unit may be absent only for zero.
/// Throws UnitError, whose hint names an example, for anything else, an unknown unit, or a value that is not
/// finite.
double parse_quantity(std::string_view text, Dimension dimension);

/// The shortest "NUMBER UNIT" that parse_quantity reads back to the same double. `value` in SI units, finite.
std::string quantity_text(double value, Dimension dimension);

/// ECMA-262 regular expression, anchored, of the texts parse_quantity reads (up to the range of a double).
std::string quantity_pattern(Dimension dimension);

template <class Tag>
struct DimensionOf;
template <>
struct DimensionOf<SecondsTag> {
  static constexpr Dimension value = Dimension::kTime;
};
template <>
struct DimensionOf<BytesTag> {
  static constexpr Dimension value = Dimension::kBytes;
};
template <>
struct DimensionOf<FlopsTag> {
  static constexpr Dimension value = Dimension::kFlops;
};
template <>
struct DimensionOf<BytesPerSecondTag> {
  static constexpr Dimension value = Dimension::kByteRate;
};
template <>
struct DimensionOf<FlopsPerSecondTag> {
  static constexpr Dimension value = Dimension::kFlopRate;
};
template <>
struct DimensionOf<WattsTag> {
  static constexpr Dimension value = Dimension::kPower;
};
template <>
struct DimensionOf<JoulesTag> {
  static constexpr Dimension value = Dimension::kEnergy;
};
template <>
struct DimensionOf<DollarsTag> {
  static constexpr Dimension value = Dimension::kMoney;
};
template <>
struct DimensionOf<DollarsPerSecondTag> {
  static constexpr Dimension value = Dimension::kMoneyRate;
};
template <>
struct DimensionOf<HertzTag> {
  static constexpr Dimension value = Dimension::kFrequency;
};

/// The dimension of a quantity type: dimension_of<Seconds> is Dimension::kTime.
template <class Q>
inline constexpr Dimension dimension_of = DimensionOf<typename Q::tag_type>::value;

/// parse<Seconds>("5 us"). Throws UnitError as parse_quantity does.
template <class Q>
Q parse(std::string_view text) {
  return Q(parse_quantity(text, dimension_of<Q>));
}

/// The shortest text that parse reads back to the same quantity: "5 us", "80 GiB".
template <class Tag>
std::string to_text(Quantity<Tag> quantity) {
  return quantity_text(quantity.value(), DimensionOf<Tag>::value);
}

}  // namespace moesim
