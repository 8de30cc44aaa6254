#include "reports/pictures/color_map.hpp"

#include <algorithm>
#include <cmath>

#include "base/math.hpp"

namespace moesim::pictures {
namespace {

/// Coefficients of red, green and blue, from the constant on.
constexpr double kViridis[3][7] = {
    {0.2777273272234177, 0.1050930431085774, -0.3308618287255563, -4.634230498983486, 6.228269936347081,
     4.776384997670288, -5.435455855934631},
    {0.005407344544966578, 1.404613529898575, 0.214847559468213, -5.799100973351585, 14.17993336680509,
     -13.74514537774601, 4.645852612178535},
    {0.3340998053353061, 1.384590162594685, 0.09509516302823659, -19.33244095627987, 56.69055260068105,
     -65.35303263337234, 26.3124352495832},
};

constexpr std::array<Rgb, 11> kBlueToRed{{{0x05, 0x30, 0x61},
                                          {0x21, 0x66, 0xac},
                                          {0x43, 0x93, 0xc3},
                                          {0x92, 0xc5, 0xde},
                                          {0xd1, 0xe5, 0xf0},
                                          {0xf7, 0xf7, 0xf7},
                                          {0xfd, 0xdb, 0xc7},
                                          {0xf4, 0xa5, 0x82},
                                          {0xd6, 0x60, 0x4d},
                                          {0xb2, 0x18, 0x2b},
                                          {0x67, 0x00, 0x1f}}};

std::uint8_t channel_of(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255));
}

std::uint8_t polynomial_at(const double (&coefficients)[7], double t) {
  double value = 0;
  for (int i = 6; i >= 0; --i) value = value * t + coefficients[i];
  return channel_of(value);
}

/// Linear between `stops`, at t in [0, 1].
Rgb between(const std::array<Rgb, 11>& stops, double t) {
  const double place = t * static_cast<double>(stops.size() - 1);
  const auto left = std::min(static_cast<std::size_t>(place), stops.size() - 2);
  const double share = place - static_cast<double>(left);
  const auto mixed = [&](std::uint8_t Rgb::*channel) {
    return channel_of(((1 - share) * stops[left].*channel + share * stops[left + 1].*channel) / 255);
  };
  return {mixed(&Rgb::red), mixed(&Rgb::green), mixed(&Rgb::blue)};
}

template <class ColorOf>
ColorMap map_of(const ColorOf& color_of) {
  ColorMap map;
  for (std::size_t i = 0; i < map.size(); ++i) map[i] = color_of(static_cast<double>(i) / 255);
  return map;
}

}  // namespace

const ColorMap& sequential_map() {
  static const ColorMap kMap = map_of([](double t) {
    return Rgb{polynomial_at(kViridis[0], t), polynomial_at(kViridis[1], t), polynomial_at(kViridis[2], t)};
  });
  return kMap;
}

const ColorMap& diverging_map() {
  static const ColorMap kMap = map_of([](double t) { return between(kBlueToRed, t); });
  return kMap;
}

Rgb color_at(const ColorMap& map, double position) {
  const double place = std::clamp(position, 0.0, 1.0) * static_cast<double>(map.size() - 1);
  return map[static_cast<std::size_t>(std::lround(place))];
}

double ColorScale::position(double value) const {
  if (!(value > low)) return 0;
  if (value >= high) return 1;
  return logarithmic ? log_det(value / low) / log_det(high / low) : (value - low) / (high - low);
}

}  // namespace moesim::pictures
