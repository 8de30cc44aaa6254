#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/pictures/color_map.hpp"

namespace moesim::pictures {

enum class PictureFormat { png, svg, pdf };

/// "png", "svg" and "pdf", in the order of PictureFormat.
std::vector<std::string> picture_extensions();
/// By the extension of a path, whatever its case; nothing where it is none of picture_extensions().
std::optional<PictureFormat> picture_format(std::string_view path);

struct Point {
  double x = 0;
  double y = 0;
};

struct Rect {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  [[nodiscard]] double right() const { return x + width; }
  [[nodiscard]] double bottom() const { return y + height; }
};

/// Where a text stands to its point.
enum class Anchor { start, middle, end };

struct TextStyle {
  double size = 12;  ///< height of a line in pixels
  Rgb color;
  Anchor anchor = Anchor::start;
  bool bold = false;
  bool upwards = false;  ///< turned by a quarter, read from below
};

/// A page of pixels, y downwards from the top left. Text is DejaVu Sans; in SVG and PDF it is drawn as
/// outlines and embedded glyphs, so that it looks alike everywhere. The same calls give the same bytes.
class Canvas {
 public:
  /// Throws RunError where there is no memory for it.
  Canvas(PictureFormat format, int width, int height);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void fill(const Rect& rect, Rgb color);
  void fill(std::span<const Point> polygon, Rgb color, double opacity);
  void line(std::span<const Point> points, Rgb color, double width);
  void frame(const Rect& rect, Rgb color, double width);
  /// Vertically centred on the point.
  void text(Point at, const std::string& text, const TextStyle& style);
  [[nodiscard]] double text_width(const std::string& text, double size, bool bold = false);
  /// The text, or as much of its start as fits into `width` with an ellipsis.
  [[nodiscard]] std::string fitted(const std::string& text, double width, double size, bool bold = false);
  /// Pixels in rows, one each for a pixel of the page; whole coordinates.
  void image(int x, int y, int width, std::span<const Rgb> pixels);

  /// The picture; the canvas is used up. Throws RunError where cairo reports a fault.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moesim::pictures
