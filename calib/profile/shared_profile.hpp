#pragma once

#include <memory>
#include <utility>

#include "calib/profile/profile.hpp"

namespace moesim {

/// A profile that many inputs share unchanged, over threads too: its tables are too large to copy for each of
/// some thousand layouts.
class SharedProfile {
 public:
  SharedProfile(CalibrationProfile profile)  // NOLINT: one profile, held
      : profile_(std::make_shared<const CalibrationProfile>(std::move(profile))) {}

  operator const CalibrationProfile&() const { return *profile_; }  // NOLINT
  const CalibrationProfile* operator->() const { return profile_.get(); }

 private:
  std::shared_ptr<const CalibrationProfile> profile_;  ///< never null
};

}  // namespace moesim
