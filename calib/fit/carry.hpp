#pragma once

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// A profile of a GPU that was not timed: what `from` timed, by the rates of `to`. Of a time the part that
/// its bytes take at the share of the bandwidth that the source GPU reaches is replaced, and a rest stays
/// (launches, latencies, what caches hold): their squares add up, as parts overlap. Collectives and transfers
/// inside a node likewise by NVLink. Of a compute-bound time what is above the floor of the operator first
/// follows the peaks, for GEMMs also the waves of tiles over the SMs of both. Entries become derived and name
/// the GPU that they were timed on, so that lookups grade them carried; links called nvlink* follow NVLink.
/// Phases, other regimes, bandwidths of transfers and the held-out errors are left out. docs/calibration.md
/// has the error of H100 carried from H200.
ProfileFile carry(const ProfileFile& from, const GpuFacts& to);

}  // namespace moesim
