#pragma once

#include <stdexcept>

namespace moesim {

/// A case that turns out while it is prepared to be none that the device or a library can run: recorded as
/// unsupported with what() as the reason, where any other exception is a failure.
struct UnsupportedCase : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace moesim
