#include "reports/pictures/canvas.hpp"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <map>
#include <regex>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim::pictures {
namespace {

constexpr std::array<std::string_view, 3> kExtensions{"png", "svg", "pdf"};
constexpr const char* kFont = "DejaVu Sans";

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

void require_good(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw RunError(fmt::format("cairo: {}", cairo_status_to_string(status)));
}

cairo_surface_t* make_surface(PictureFormat format, int width, int height, std::string& bytes) {
  switch (format) {
    case PictureFormat::svg: {
      cairo_surface_t* surface = cairo_svg_surface_create_for_stream(append, &bytes, width, height);
      cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
      return surface;
    }
    case PictureFormat::pdf: {
      cairo_surface_t* surface = cairo_pdf_surface_create_for_stream(append, &bytes, width, height);
      // The day of its making would differ from one to the next.
      cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "1970-01-01T00:00:00Z");
      return surface;
    }
    default:
      return cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  }
}

/// Widths of letters do not depend on how a machine is set up to hint them.
void set_font_options(cairo_t* cairo) {
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(cairo, options);
  cairo_font_options_destroy(options);
}

/// The SVG with its images and groups numbered from 0 in the order of their mention: cairo goes on counting
/// from one picture of a process to the next.
std::string renumbered(const std::string& svg) {
  static const std::regex kName(R"re((id="|#)(image|surface)(\d+))re");
  std::map<std::string, std::size_t> numbers;
  std::string result;
  auto end = svg.begin();
  for (std::sregex_iterator found(svg.begin(), svg.end(), kName), none; found != none; ++found) {
    const std::size_t number = numbers.try_emplace((*found)[3].str(), numbers.size()).first->second;
    result.append(end, (*found)[0].first);
    result += (*found)[1].str() + (*found)[2].str() + std::to_string(number);
    end = (*found)[0].second;
  }
  return result.append(end, svg.end());
}

double channel(std::uint8_t value) {
  return value / 255.0;
}

}  // namespace

std::vector<std::string> picture_extensions() {
  return {kExtensions.begin(), kExtensions.end()};
}

std::optional<PictureFormat> picture_format(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return {};
  std::string extension(path.substr(dot + 1));
  for (char& letter : extension) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  const auto found = std::ranges::find(kExtensions, extension);
  if (found == kExtensions.end()) return {};
  return static_cast<PictureFormat>(found - kExtensions.begin());
}

struct Canvas::State {
  State(PictureFormat format_, int width, int height)
      : format(format_), surface(make_surface(format, width, height, bytes)), cairo(cairo_create(surface)) {
    set_font_options(cairo);
  }
  ~State() {
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void set_color(Rgb color, double opacity = 1) const {
    cairo_set_source_rgba(cairo, channel(color.red), channel(color.green), channel(color.blue), opacity);
  }
  void set_font(double size, bool bold) const {
    cairo_select_font_face(cairo, kFont, CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, size);
  }
  void trace(std::span<const Point> points) const {
    cairo_new_path(cairo);
    for (const Point& point : points) cairo_line_to(cairo, point.x, point.y);
  }

  std::string bytes;
  PictureFormat format;
  cairo_surface_t* surface;
  cairo_t* cairo;
};

Canvas::Canvas(PictureFormat format, int width, int height)
    : state_(std::make_unique<State>(format, width, height)) {
  require_good(cairo_status(state_->cairo));
}

Canvas::~Canvas() = default;

void Canvas::fill(const Rect& rect, Rgb color) {
  state_->set_color(color);
  cairo_rectangle(state_->cairo, rect.x, rect.y, rect.width, rect.height);
  cairo_fill(state_->cairo);
}

void Canvas::fill(std::span<const Point> polygon, Rgb color, double opacity) {
  state_->set_color(color, opacity);
  state_->trace(polygon);
  cairo_fill(state_->cairo);
}

void Canvas::line(std::span<const Point> points, Rgb color, double width) {
  state_->set_color(color);
  cairo_set_line_width(state_->cairo, width);
  cairo_set_line_join(state_->cairo, CAIRO_LINE_JOIN_ROUND);
  state_->trace(points);
  cairo_stroke(state_->cairo);
}

void Canvas::frame(const Rect& rect, Rgb color, double width) {
  state_->set_color(color);
  cairo_set_line_width(state_->cairo, width);
  cairo_rectangle(state_->cairo, rect.x - width / 2, rect.y - width / 2, rect.width + width,
                  rect.height + width);
  cairo_stroke(state_->cairo);
}

void Canvas::text(Point at, const std::string& text, const TextStyle& style) {
  cairo_t* cairo = state_->cairo;
  const double width = text_width(text, style.size, style.bold);
  const double shift = style.anchor == Anchor::start ? 0 : style.anchor == Anchor::middle ? 0.5 : 1;
  state_->set_color(style.color);
  cairo_save(cairo);
  cairo_translate(cairo, at.x, at.y);
  if (style.upwards) cairo_rotate(cairo, -1.5707963267948966);
  // Digits and capitals of DejaVu Sans are 0.73 of the size high.
  cairo_move_to(cairo, -shift * width, 0.365 * style.size);
  cairo_show_text(cairo, text.c_str());
  cairo_restore(cairo);
}

double Canvas::text_width(const std::string& text, double size, bool bold) {
  state_->set_font(size, bold);
  cairo_text_extents_t extents;
  cairo_text_extents(state_->cairo, text.c_str(), &extents);
  return extents.x_advance;
}

std::string Canvas::fitted(const std::string& text, double width, double size, bool bold) {
  if (text_width(text, size, bold) <= width) return text;
  std::string start = text;
  while (!start.empty()) {
    // A character of UTF-8 goes as a whole.
    while ((static_cast<unsigned char>(start.back()) & 0xC0U) == 0x80U) start.pop_back();
    start.pop_back();
    while (!start.empty() && start.back() == ' ') start.pop_back();
    if (text_width(start + "\u2026", size, bold) <= width) break;
  }
  return start + "\u2026";
}

void Canvas::image(int x, int y, int width, std::span<const Rgb> pixels) {
  const int height = static_cast<int>(pixels.size()) / width;
  cairo_surface_t* picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  require_good(cairo_surface_status(picture));
  unsigned char* data = cairo_image_surface_get_data(picture);
  const std::ptrdiff_t stride = cairo_image_surface_get_stride(picture);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto row = static_cast<std::ptrdiff_t>(i) / width;
    const auto column = static_cast<std::ptrdiff_t>(i) % width;
    const Rgb pixel = pixels[i];
    reinterpret_cast<std::uint32_t*>(data + row * stride)[column] =
        static_cast<std::uint32_t>(pixel.red) << 16U | static_cast<std::uint32_t>(pixel.green) << 8U |
        pixel.blue;
  }
  cairo_surface_mark_dirty(picture);
  cairo_set_source_surface(state_->cairo, picture, x, y);
  cairo_pattern_set_filter(cairo_get_source(state_->cairo), CAIRO_FILTER_NEAREST);
  cairo_paint(state_->cairo);
  cairo_surface_destroy(picture);
}

std::string Canvas::finish() {
  require_good(cairo_status(state_->cairo));
  if (state_->format == PictureFormat::png)
    require_good(cairo_surface_write_to_png_stream(state_->surface, append, &state_->bytes));
  cairo_surface_finish(state_->surface);
  require_good(cairo_surface_status(state_->surface));
  return state_->format == PictureFormat::svg ? renumbered(state_->bytes) : std::move(state_->bytes);
}

}  // namespace moesim::pictures
