#pragma once

#include <compare>

namespace moesim {

/// A double-valued quantity of one dimension, held in SI units.
/// `Tag` names the dimension; quantities of different tags neither add nor compare, so `bytes + seconds` does
/// not compile.
template <class Tag>
class Quantity {
 public:
  using tag_type = Tag;

  constexpr Quantity() = default;
  /// `value` in the SI unit of the dimension (seconds, bytes, operations, bytes per second, ...).
  constexpr explicit Quantity(double value) : value_(value) {}

  /// The number in the SI unit of the dimension.
  [[nodiscard]] constexpr double value() const { return value_; }

  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double factor) {
    value_ *= factor;
    return *this;
  }
  constexpr Quantity& operator/=(double divisor) {
    value_ /= divisor;
    return *this;
  }

  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator-(Quantity a) { return Quantity(-a.value_); }
  friend constexpr Quantity operator*(Quantity a, double factor) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator*(double factor, Quantity a) { return Quantity(factor * a.value_); }
  friend constexpr Quantity operator/(Quantity a, double divisor) { return Quantity(a.value_ / divisor); }
  /// The ratio of two quantities of one dimension is a plain number.
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }
  friend constexpr auto operator<=>(Quantity a, Quantity b) = default;

 private:
  double value_ = 0.0;
};

struct SecondsTag {};
struct BytesTag {};
struct FlopsTag {};
struct BytesPerSecondTag {};
struct FlopsPerSecondTag {};
struct WattsTag {};
struct JoulesTag {};
struct DollarsTag {};
struct DollarsPerSecondTag {};
struct HertzTag {};

using Seconds = Quantity<SecondsTag>;
using Bytes = Quantity<BytesTag>;
/// A count of floating-point operations; one multiply-add counts two.
using Flops = Quantity<FlopsTag>;
using BytesPerSecond = Quantity<BytesPerSecondTag>;
using FlopsPerSecond = Quantity<FlopsPerSecondTag>;
using Watts = Quantity<WattsTag>;
using Joules = Quantity<JoulesTag>;
using Dollars = Quantity<DollarsTag>;
using DollarsPerSecond = Quantity<DollarsPerSecondTag>;
using Hertz = Quantity<HertzTag>;

/// `Amount` flows at `Rate`: Amount / Seconds = Rate. Specialised below for the pairs that exist.
template <class Amount>
struct RateOf;
template <>
struct RateOf<BytesTag> {
  using type = BytesPerSecondTag;
};
template <>
struct RateOf<FlopsTag> {
  using type = FlopsPerSecondTag;
};
template <>
struct RateOf<JoulesTag> {
  using type = WattsTag;
};
template <>
struct RateOf<DollarsTag> {
  using type = DollarsPerSecondTag;
};

template <class Amount>
using Rate = Quantity<typename RateOf<Amount>::type>;

/// Amount per time, e.g. Bytes / Seconds -> BytesPerSecond.
template <class Amount>
constexpr Rate<Amount> operator/(Quantity<Amount> amount, Seconds time) {
  return Rate<Amount>(amount.value() / time.value());
}

/// Time for an amount at a rate, e.g. Bytes / BytesPerSecond -> Seconds.
template <class Amount>
constexpr Seconds operator/(Quantity<Amount> amount, Rate<Amount> rate) {
  return Seconds(amount.value() / rate.value());
}

constexpr Bytes operator*(BytesPerSecond rate, Seconds time) {
  return Bytes(rate.value() * time.value());
}
constexpr Bytes operator*(Seconds time, BytesPerSecond rate) {
  return rate * time;
}
constexpr Flops operator*(FlopsPerSecond rate, Seconds time) {
  return Flops(rate.value() * time.value());
}
constexpr Flops operator*(Seconds time, FlopsPerSecond rate) {
  return rate * time;
}
constexpr Joules operator*(Watts power, Seconds time) {
  return Joules(power.value() * time.value());
}
constexpr Joules operator*(Seconds time, Watts power) {
  return power * time;
}
constexpr Dollars operator*(DollarsPerSecond price, Seconds time) {
  return Dollars(price.value() * time.value());
}
constexpr Dollars operator*(Seconds time, DollarsPerSecond price) {
  return price * time;
}

/// A number of clock cycles takes cycles / frequency.
constexpr Seconds operator/(double cycles, Hertz frequency) {
  return Seconds(cycles / frequency.value());
}
/// Cycles within a time.
constexpr double operator*(Hertz frequency, Seconds time) {
  return frequency.value() * time.value();
}

/// Literals: 3.0_ms, 80.0_GiB, 450.0_GBps (bytes), 400.0_Gbps (bits), 989.0_TFLOPs (per second).
namespace literals {
// clang-format off
#define MOESIM_LITERAL(suffix, Type, scale)                                                                       \
  constexpr Type operator""_##suffix(long double v) { return Type(static_cast<double>(v) * (scale)); }             \
  constexpr Type operator""_##suffix(unsigned long long v) { return Type(static_cast<double>(v) * (scale)); }
#define MOESIM_TIME_LITERAL(suffix, per_second)                                                                    \
  constexpr Seconds operator""_##suffix(long double v) { return Seconds(static_cast<double>(v) / (per_second)); }  \
  constexpr Seconds operator""_##suffix(unsigned long long v) { return Seconds(static_cast<double>(v) / (per_second)); }
MOESIM_LITERAL(s, Seconds, 1.0)
MOESIM_TIME_LITERAL(ms, 1e3)
MOESIM_TIME_LITERAL(us, 1e6)
MOESIM_TIME_LITERAL(ns, 1e9)
MOESIM_LITERAL(min, Seconds, 60.0)
MOESIM_LITERAL(h, Seconds, 3600.0)
MOESIM_LITERAL(d, Seconds, 86400.0)
MOESIM_LITERAL(B, Bytes, 1.0)
MOESIM_LITERAL(kB, Bytes, 1e3)
MOESIM_LITERAL(MB, Bytes, 1e6)
MOESIM_LITERAL(GB, Bytes, 1e9)
MOESIM_LITERAL(TB, Bytes, 1e12)
MOESIM_LITERAL(KiB, Bytes, 0x1p10)
MOESIM_LITERAL(MiB, Bytes, 0x1p20)
MOESIM_LITERAL(GiB, Bytes, 0x1p30)
MOESIM_LITERAL(TiB, Bytes, 0x1p40)
MOESIM_LITERAL(Bps, BytesPerSecond, 1.0)
MOESIM_LITERAL(MBps, BytesPerSecond, 1e6)
MOESIM_LITERAL(GBps, BytesPerSecond, 1e9)
MOESIM_LITERAL(TBps, BytesPerSecond, 1e12)
MOESIM_LITERAL(Gbps, BytesPerSecond, 1e9 / 8)
MOESIM_LITERAL(FLOP, Flops, 1.0)
MOESIM_LITERAL(GFLOP, Flops, 1e9)
MOESIM_LITERAL(TFLOP, Flops, 1e12)
MOESIM_LITERAL(FLOPs, FlopsPerSecond, 1.0)
MOESIM_LITERAL(GFLOPs, FlopsPerSecond, 1e9)
MOESIM_LITERAL(TFLOPs, FlopsPerSecond, 1e12)
MOESIM_LITERAL(PFLOPs, FlopsPerSecond, 1e15)
MOESIM_LITERAL(W, Watts, 1.0)
MOESIM_LITERAL(kW, Watts, 1e3)
MOESIM_LITERAL(J, Joules, 1.0)
MOESIM_LITERAL(kWh, Joules, 3.6e6)
MOESIM_LITERAL(usd, Dollars, 1.0)
MOESIM_LITERAL(usd_per_h, DollarsPerSecond, 1.0 / 3600.0)
MOESIM_LITERAL(Hz, Hertz, 1.0)
MOESIM_LITERAL(MHz, Hertz, 1e6)
MOESIM_LITERAL(GHz, Hertz, 1e9)
#undef MOESIM_LITERAL
#undef MOESIM_TIME_LITERAL
// clang-format on
}  // namespace literals

}  // namespace moesim
