#include "reports/pictures/color_lookup.hpp"

#include <algorithm>
#include <bit>

#include "reports/pictures/pixels.hpp"

namespace moesim::pictures {
namespace {

constexpr std::int32_t kMaxEntries = 1 << 14;

std::uint32_t word_of(Rgb color) {
  return 0xff000000U | static_cast<std::uint32_t>(color.red) << 16U |
         static_cast<std::uint32_t>(color.green) << 8U | color.blue;
}

std::int32_t bits_of(float value) {
  return std::bit_cast<std::int32_t>(value);
}

}  // namespace

ColorLookup::ColorLookup(const ColorMap& map, const ColorScale& scale, Rgb missing)
    : scale_(scale), missing_(word_of(missing)) {
  if (!scale.logarithmic) {
    factor_ = static_cast<float>(static_cast<double>(map.size() - 1) / (scale.high - scale.low));
    for (const Rgb color : map) colors_.push_back(word_of(color));
    return;
  }
  // The bits of positive numbers rise with them.
  first_bits_ = bits_of(static_cast<float>(scale.low));
  const std::int32_t range = bits_of(static_cast<float>(scale.high)) - first_bits_;
  while (range >> shift_ >= kMaxEntries) ++shift_;
  for (std::int32_t entry = 0; entry <= range >> shift_; ++entry) {
    const std::int32_t middle = first_bits_ + (entry << shift_) + (1 << shift_ >> 1);
    colors_.push_back(word_of(color_at(map, scale.position(std::bit_cast<float>(middle)))));
  }
}

std::uint32_t ColorLookup::color(float value) const {
  if (value == kNoData) return missing_;
  const auto last = static_cast<std::int32_t>(colors_.size()) - 1;
  if (scale_.logarithmic) {
    // A negative number has negative bits.
    const std::int32_t bits = std::max(bits_of(value), first_bits_);
    return colors_[static_cast<std::size_t>(std::min((bits - first_bits_) >> shift_, last))];
  }
  const float place = (value - static_cast<float>(scale_.low)) * factor_ + 0.5F;
  const float inside = std::min(std::max(place, 0.0F), static_cast<float>(last));
  return colors_[static_cast<std::size_t>(inside)];
}

void ColorLookup::draw(std::span<const float> values, std::size_t width,
                       std::span<std::uint32_t> colors) const {
  for (std::size_t first = 0; first + width <= values.size(); first += width) {
    const auto line = values.subspan(first, width);
    const auto out = colors.subspan(first, width);
    if (first > 0 && std::ranges::equal(line, values.subspan(first - width, width)))
      std::ranges::copy(colors.subspan(first - width, width), out.begin());
    else
      std::ranges::transform(line, out.begin(), [this](float value) { return color(value); });
  }
}

}  // namespace moesim::pictures
