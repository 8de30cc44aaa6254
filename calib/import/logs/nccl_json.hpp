#pragma once

#include "calib/import/logs/log_points.hpp"

namespace moesim {

/// What nccl-tests writes with -J (versions 1 to 3 of that file).
LogPoints read_nccl_json(const LogFile& log);

}  // namespace moesim
