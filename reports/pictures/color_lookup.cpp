#include "reports/pictures/color_lookup.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "reports/pictures/pixels.hpp"

namespace moesim::pictures {
namespace {

/// Of a logarithmic scale: enough for a fifth of a colour, few enough for the nearest cache.
constexpr std::int32_t kMaxEntries = 1 << 11;
/// Values are looked up in blocks of a length that compilers know, as vectors.
constexpr std::size_t kBlock = 16;

std::uint32_t word_of(Rgb color) {
  return 0xff000000U | static_cast<std::uint32_t>(color.red) << 16U |
         static_cast<std::uint32_t>(color.green) << 8U | color.blue;
}

std::int32_t bits_of(float value) {
  return std::bit_cast<std::int32_t>(value);
}

}  // namespace

ColorLookup::ColorLookup(const ColorMap& map, const ColorScale& scale, Rgb missing)
    : logarithmic_(scale.logarithmic) {
  if (!logarithmic_) {
    low_ = static_cast<float>(scale.low);
    factor_ = static_cast<float>(static_cast<double>(map.size() - 1) / (scale.high - scale.low));
    for (const Rgb color : map) colors_.push_back(word_of(color));
  } else {
    // The bits of positive numbers rise with them.
    first_bits_ = bits_of(static_cast<float>(scale.low));
    const std::int32_t range = bits_of(static_cast<float>(scale.high)) - first_bits_;
    while (range >> shift_ >= kMaxEntries) ++shift_;
    for (std::int32_t entry = 0; entry <= range >> shift_; ++entry) {
      const std::int32_t middle = first_bits_ + (entry << shift_) + (1 << shift_ >> 1);
      colors_.push_back(word_of(color_at(map, scale.position(std::bit_cast<float>(middle)))));
    }
  }
  last_ = static_cast<std::int32_t>(colors_.size()) - 1;
  colors_.push_back(word_of(missing));
}

std::uint32_t ColorLookup::color(float value) const {
  std::uint32_t color = 0;
  draw_line(&value, 1, &color);
  return color;
}

void ColorLookup::draw_line(const float* values, std::size_t count, std::uint32_t* colors) const {
  const auto last = static_cast<float>(last_);
  const std::int32_t missing = last_ + 1;
  constexpr auto kNoDataBits = std::bit_cast<std::int32_t>(kNoData);
  const auto linear = [&](float value) {
    const float place = (value - low_) * factor_ + 0.5F;
    const float above = place > 0 ? place : 0;  // NaN as well
    const auto entry = static_cast<std::int32_t>(above < last ? above : last);
    return bits_of(value) == kNoDataBits ? missing : entry;
  };
  // A negative number has negative bits.
  const auto logarithmic = [&](float value) {
    const std::int32_t bits = bits_of(value);
    const std::int32_t entry = ((bits > first_bits_ ? bits : first_bits_) - first_bits_) >> shift_;
    return bits == kNoDataBits ? missing : (entry < last_ ? entry : last_);
  };
  const auto draw = [&](const auto& entry_of) {
    std::size_t first = 0;
    for (; first + kBlock <= count; first += kBlock) {
      std::array<std::int32_t, kBlock> entries;
      for (std::size_t i = 0; i < kBlock; ++i) entries[i] = entry_of(values[first + i]);
      for (std::size_t i = 0; i < kBlock; ++i)
        colors[first + i] = colors_[static_cast<std::size_t>(entries[i])];
    }
    for (; first < count; ++first) colors[first] = colors_[static_cast<std::size_t>(entry_of(values[first]))];
  };
  if (logarithmic_)
    draw(logarithmic);
  else
    draw(linear);
}

void ColorLookup::draw(std::span<const float> values, std::size_t width,
                       std::span<std::uint32_t> colors) const {
  for (std::size_t first = 0; first + width <= values.size(); first += width) {
    const float* line = values.data() + first;
    std::uint32_t* out = colors.data() + first;
    if (first > 0 && std::memcmp(line, line - width, width * sizeof(float)) == 0)
      std::memcpy(out, out - width, width * sizeof(std::uint32_t));
    else
      draw_line(line, width, out);
  }
}

}  // namespace moesim::pictures
