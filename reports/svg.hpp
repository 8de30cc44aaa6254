#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Parts of SVG pictures within a page of html_page(), whose colours and text styles they use: no colour of
/// their own, so that they follow the reader's theme. Coordinates are those of a picture kWidth wide, y
/// downwards.
namespace moesim::svg {

inline constexpr double kWidth = 900;
inline constexpr double kTextSize = 13;  ///< of the page's style for texts in pictures
inline constexpr std::size_t kNumColours = 12;

enum class Anchor { start, middle, end };

/// "var(--c3)": the colour of a label, of labels from the twelfth on again.
std::string colour(std::size_t label);

/// About how wide a text is, rather too wide than too narrow.
double text_width(std::string_view text, double size = kTextSize);
/// The text, or as much of its start as fits into `width` with an ellipsis.
std::string fitted(std::string_view text, double width, double size = kTextSize);

/// What is shown where a pointer rests, within another element; empty for an empty text.
std::string title(std::string_view text);
/// `kind` is a class of the page's style: "name", "sum", "inside", "tick", "title" or none.
std::string text(double x, double y, Anchor anchor, std::string_view kind, std::string_view text);
/// Filled with the colour of a label; `title` is shown where a pointer rests and may be empty.
std::string rect(double x, double y, double width, double height, std::size_t label, std::string_view title);
/// `kind` is a class: "mark", "grid", "axis", "whisker".
std::string line(double x1, double y1, double x2, double y2, std::string_view kind);
/// A path that is drawn, not filled: `style` as in `stroke:var(--c1);stroke-width:2`.
std::string stroke(std::string_view path, std::string_view style);

/// A whole picture; `label` says what it shows to those who do not see it.
std::string picture(double height, std::string_view label, std::string_view body);
/// The labels with their colours, as HTML. Those with an empty text are left out.
std::string legend(const std::vector<std::string>& labels);

}  // namespace moesim::svg
