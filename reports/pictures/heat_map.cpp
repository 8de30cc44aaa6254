#include "reports/pictures/heat_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace moesim::pictures {
namespace {

/// Ticks of a colour bar. An open end has a label of its own, which takes the place of ticks beside it.
std::vector<Tick> bar_ticks(const ColorScale& scale, int max_count, OpenEnds open) {
  std::vector<Tick> ticks = scale.logarithmic ? log_ticks(scale.low, scale.high, max_count)
                                              : linear_ticks(scale.low, scale.high, max_count);
  std::erase_if(ticks, [&](const Tick& tick) {
    const double position = scale.position(tick.at);
    return (open.high && position > 0.93) || (open.low && position < 0.07);
  });
  if (open.high) ticks.push_back({scale.high, fmt::format("\u2265 {:.3g}", scale.high)});
  if (open.low) ticks.push_back({scale.low, fmt::format("\u2264 {:.3g}", scale.low)});
  return ticks;
}

}  // namespace

void draw_heat_map(Canvas& canvas, const Theme& theme, int x, int y, const MaxRaster& raster,
                   const ColorMap& map, const ColorScale& scale) {
  std::vector<Rgb> pixels;
  pixels.reserve(raster.pixels().size());
  for (const float value : raster.pixels())
    pixels.push_back(value == kNoData ? theme.missing : color_at(map, scale.position(value)));
  canvas.image(x, y, raster.width(), pixels);
}

void draw_color_bar(Canvas& canvas, const PlotStyle& style, const Rect& area, const ColorMap& map,
                    const ColorScale& scale, const std::string& unit, OpenEnds open) {
  const int width = static_cast<int>(area.width);
  const int height = static_cast<int>(area.height);
  std::vector<Rgb> pixels;
  for (int y = 0; y < height; ++y)
    pixels.insert(pixels.end(), static_cast<std::size_t>(width), color_at(map, 1 - (y + 0.5) / height));
  canvas.image(static_cast<int>(area.x), static_cast<int>(area.y), width, pixels);
  canvas.frame(area, style.theme->frame, style.line_width());
  const double size = style.font();
  double widest = 0;
  for (const Tick& tick : bar_ticks(scale, std::max(2, height / static_cast<int>(3 * size)), open)) {
    const double y = area.bottom() - scale.position(tick.at) * area.height;
    canvas.line(std::array{Point{area.right(), y}, Point{area.right() + style.tick_length(), y}},
                style.theme->frame, style.line_width());
    canvas.text({area.right() + 1.6 * style.tick_length(), y}, tick.label, {size, style.theme->text});
    widest = std::max(widest, canvas.text_width(tick.label, size));
  }
  canvas.text({area.right() + 1.6 * style.tick_length() + widest + 0.9 * size, area.y + area.height / 2},
              unit, {size, style.theme->muted, Anchor::middle, false, true});
}

}  // namespace moesim::pictures
