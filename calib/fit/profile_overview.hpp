#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "calib/profile/profile.hpp"

namespace moesim {

/// Values of one axis over the points of an operator.
struct AxisRange {
  std::string name;
  double low = 0;
  double high = 0;
  std::size_t num_values = 0;
};

/// What a profile holds of one operator, format, role and regime.
struct OperatorOverview {
  std::string name;        ///< "gemm fp8 weight_gradient", "overlapped" where it is so
  std::string calibrated;  ///< name of its held-out errors, "gemm_fp8_block"; empty: none
  std::size_t points = 0;
  std::vector<AxisRange> axes;                    ///< in the order of the operator
  std::map<std::string, std::size_t> provenance;  ///< points by provenance, as the loaded profile has it
  std::map<std::string, std::size_t> grades;      ///< points by how the curves answer at them; "-": no lookup
  std::map<std::string, std::size_t> sources;     ///< points by source id
};

/// A row per operator, format, role and regime, in the order of TimedOperator.
std::vector<OperatorOverview> overview_of(const CalibrationProfile& profile);

/// "gemm fp8 weight_gradient": how a point is called in overviews.
std::string overview_name(const Entry& entry);

/// Where a point comes from, as the curves take it: what another GPU timed is derived at best.
Provenance provenance_of(const Entry& entry, const GpuFacts& gpu);

/// Axes of the operator, then its optional ones.
std::vector<std::string> all_axes_of(TimedOperator op);

}  // namespace moesim
