#pragma once

#include <string>

namespace moesim::gui {

/// The manual page of moesim-gui in section 1, as man(7) macros; no date, so that the same program always
/// gives the same page.
std::string manualPage(const std::string& version);

}  // namespace moesim::gui
