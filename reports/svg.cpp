#include "reports/svg.hpp"

#include <array>

#include <fmt/format.h>

#include "reports/page.hpp"
#include "reports/text_table.hpp"

namespace moesim::svg {
namespace {

constexpr double kLetterWidth = 0.6;  // of the size: DejaVu Sans, wider than most

constexpr std::array<std::string_view, 3> kAnchors{"start", "middle", "end"};

std::string_view anchor_name(Anchor anchor) {
  return kAnchors[static_cast<std::size_t>(anchor)];
}

std::string class_of(std::string_view kind) {
  return kind.empty() ? std::string() : fmt::format(" class=\"{}\"", kind);
}

/// The bytes of the first `count` characters of a UTF-8 text.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (starts_character && count-- == 0) break;
  }
  return at;
}

}  // namespace

std::string colour(std::size_t label) {
  return fmt::format("var(--c{})", label % kNumColours);
}

double text_width(std::string_view text, double size) {
  return kLetterWidth * size * static_cast<double>(display_width(text));
}

std::string fitted(std::string_view text, double width, double size) {
  if (text_width(text, size) <= width) return std::string(text);
  const double letters = width / (kLetterWidth * size) - 1;
  if (letters < 1) return "";
  return std::string(text.substr(0, bytes_of(text, static_cast<std::size_t>(letters)))) + "\u2026";
}

std::string title(std::string_view text) {
  return text.empty() ? std::string() : fmt::format("<title>{}</title>", html_text(text));
}

std::string text(double x, double y, Anchor anchor, std::string_view kind, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor_name(anchor), class_of(kind), html_text(text));
}

std::string rect(double x, double y, double width, double height, std::size_t label, std::string_view title) {
  return fmt::format(
      "<rect x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.1f}\" fill=\"{}\">{}</rect>\n", x, y,
      width, height, colour(label), svg::title(title));
}

std::string line(double x1, double y1, double x2, double y2, std::string_view kind) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"{}/>\n", x1, y1, x2, y2,
                     class_of(kind));
}

std::string stroke(std::string_view path, std::string_view style) {
  return fmt::format("<path d=\"{}\" style=\"fill:none;{}\"/>\n", path, style);
}

std::string picture(double height, std::string_view label, std::string_view body) {
  return fmt::format(
      "<div class=\"wide\"><svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"{}\">\n{}</svg></div>\n",
      kWidth, height, html_text(label), body);
}

std::string legend(const std::vector<std::string>& labels) {
  std::string items;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty()) continue;
    items += fmt::format("<li><i style=\"background:{}\"></i>{}</li>", colour(i), html_text(labels[i]));
  }
  return items.empty() ? "" : "<ul class=\"legend\">" + items + "</ul>\n";
}

}  // namespace moesim::svg
