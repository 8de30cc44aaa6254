#pragma once

#include <string>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// The text of a profile file: as write_json(), with the rows of tables packed into lines.
std::string profile_text(const ProfileFile& profile);

}  // namespace moesim
