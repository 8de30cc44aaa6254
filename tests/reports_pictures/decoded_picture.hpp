#pragma once

#include <cairo.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/pictures/color_map.hpp"

namespace moesim::pictures::test {

/// The pixels of a PNG.
class DecodedPicture {
 public:
  explicit DecodedPicture(const std::string& png) {
    Source source{png, 0};
    cairo_surface_t* surface = cairo_image_surface_create_from_png_stream(read, &source);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) throw std::runtime_error("no PNG");
    width_ = cairo_image_surface_get_width(surface);
    height_ = cairo_image_surface_get_height(surface);
    const unsigned char* data = cairo_image_surface_get_data(surface);
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        std::uint32_t pixel = 0;
        std::memcpy(&pixel, data + y * cairo_image_surface_get_stride(surface) + x * 4, 4);
        pixels_.push_back({static_cast<std::uint8_t>(pixel >> 16U), static_cast<std::uint8_t>(pixel >> 8U),
                           static_cast<std::uint8_t>(pixel)});
      }
    }
    cairo_surface_destroy(surface);
  }

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] Rgb at(int x, int y) const { return pixels_.at(static_cast<std::size_t>(y * width_ + x)); }
  [[nodiscard]] std::ptrdiff_t count(Rgb color) const { return std::ranges::count(pixels_, color); }
  /// Pixels of the rectangle that have another colour.
  [[nodiscard]] int count_other(int x, int y, int width, int height, Rgb color) const {
    int others = 0;
    for (int row = y; row < y + height; ++row) {
      for (int column = x; column < x + width; ++column) others += at(column, row) == color ? 0 : 1;
    }
    return others;
  }

 private:
  struct Source {
    const std::string& bytes;
    std::size_t place;
  };
  static cairo_status_t read(void* closure, unsigned char* data, unsigned int length) {
    auto& source = *static_cast<Source*>(closure);
    if (source.place + length > source.bytes.size()) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(data, source.bytes.data() + source.place, length);
    source.place += length;
    return CAIRO_STATUS_SUCCESS;
  }

  int width_ = 0;
  int height_ = 0;
  std::vector<Rgb> pixels_;
};

}  // namespace moesim::pictures::test
