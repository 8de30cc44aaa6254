#pragma once

#include <QString>
#include <exception>

namespace moesim::gui {

/// What a fault says, "FILE: POINTER: WHAT; HINT" without the empty parts, for readers.
QString errorText(const std::exception_ptr& fault);

}  // namespace moesim::gui
