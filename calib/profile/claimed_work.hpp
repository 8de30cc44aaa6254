#pragma once

#include <optional>
#include <string>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// What a call does at least: against it and the datasheet a time is checked.
struct ClaimedWork {
  double flops = 0;
  double hbm_bytes = 0;
  double link_bytes = 0;  ///< of one GPU over NVLink in one direction
};

/// The least work of the shape of an entry: operands once, results once, what leaves a GPU once; parts that
/// the shape does not tell are 0.
ClaimedWork claimed_work(const Entry& entry);

/// Why that work in that time cannot be: "needs 1204 TFLOP/s of 989"; nothing where it can.
std::optional<std::string> impossibility(const ClaimedWork& work, NumberFormat format, double seconds,
                                         const GpuFacts& gpu);

}  // namespace moesim
