#pragma once

#include <string>
#include <string_view>

namespace moesim {

/// A text within HTML: &, <, >, and quotes as entities, control characters as U+FFFD.
std::string html_text(std::string_view text);

/// A whole HTML page around `body`: self-contained, for light and dark screens and for paper. Its colours are
/// the properties --c0 to --c11, told apart with the usual kinds of colour blindness.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace moesim
