#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/schedule/pass_sequence.hpp"
#include "sim/schedule/schedule_shape.hpp"

namespace moesim {

/// Seconds of each pass of one stage, the same for all stages. `backward` holds `weight`.
struct PassTimes {
  double forward = 1;
  double backward = 2;
  double weight = 1;
  double forward_backward = 3;

  [[nodiscard]] double backward_input() const { return backward - weight; }
};

/// One schedule: everything about it that is not the same for all.
struct ScheduleRow {
  ScheduleKind kind;
  std::string_view name;
  StageMapping mapping;
  int chunks;   ///< stages of a rank; 0: the shape's vpp
  bool pairs;   ///< runs forward_backward passes
  bool defers;  ///< runs weight passes
  std::optional<std::string> (*violation)(const ScheduleShape&);
  /// Passes of a rank in the order in which it runs them.
  std::vector<PassStep> (*sequence)(const ScheduleShape&, int rank);
  /// Idle time of the rank that idles longest, from the first pass of the step to the last, when sends are
  /// free; nullopt where there is no closed form.
  std::optional<double> (*bubble_s)(const ScheduleShape&, const PassTimes&);
  /// Most micro-batches of its stages that a rank keeps activations of, each stage counted for itself.
  int (*activations)(const ScheduleShape&, int rank);
};

/// Rules, sequences and formulas of the schedules, one file each; the formulas' sources are there.
namespace schedules {
std::optional<std::string> any_batch(const ScheduleShape& shape);
std::optional<std::string> interleaved_violation(const ScheduleShape& shape);
std::optional<std::string> overlap_violation(const ScheduleShape& shape);
std::optional<std::string> dualpipe_violation(const ScheduleShape& shape);
std::optional<std::string> dualpipev_violation(const ScheduleShape& shape);

std::vector<PassStep> one_f_one_b(const ScheduleShape& shape, int rank);
std::vector<PassStep> gpipe(const ScheduleShape& shape, int rank);
std::vector<PassStep> interleaved_1f1b(const ScheduleShape& shape, int rank);
std::vector<PassStep> one_f_one_b_overlap(const ScheduleShape& shape, int rank);
std::vector<PassStep> zb1p(const ScheduleShape& shape, int rank);
std::vector<PassStep> zbv(const ScheduleShape& shape, int rank);
std::vector<PassStep> dualpipe(const ScheduleShape& shape, int rank);
std::vector<PassStep> dualpipev(const ScheduleShape& shape, int rank);

std::optional<double> ramp_bubble_s(const ScheduleShape& shape, const PassTimes& times);
std::optional<double> zb1p_bubble_s(const ScheduleShape& shape, const PassTimes& times);
std::optional<double> zbv_bubble_s(const ScheduleShape& shape, const PassTimes& times);
std::optional<double> dualpipe_bubble_s(const ScheduleShape& shape, const PassTimes& times);

int one_f_one_b_activations(const ScheduleShape& shape, int rank);
int gpipe_activations(const ScheduleShape& shape, int rank);
int interleaved_activations(const ScheduleShape& shape, int rank);
int overlap_activations(const ScheduleShape& shape, int rank);
int zb1p_activations(const ScheduleShape& shape, int rank);
int zbv_activations(const ScheduleShape& shape, int rank);
int dualpipe_activations(const ScheduleShape& shape, int rank);
}  // namespace schedules

inline constexpr std::array<ScheduleRow, 8> kSchedules{{
    {ScheduleKind::one_f_one_b, "1f1b", StageMapping::loop, 1, false, false, schedules::any_batch,
     schedules::one_f_one_b, schedules::ramp_bubble_s, schedules::one_f_one_b_activations},
    {ScheduleKind::gpipe, "gpipe", StageMapping::loop, 1, false, false, schedules::any_batch,
     schedules::gpipe, schedules::ramp_bubble_s, schedules::gpipe_activations},
    {ScheduleKind::interleaved_1f1b, "interleaved_1f1b", StageMapping::loop, 0, false, false,
     schedules::interleaved_violation, schedules::interleaved_1f1b, schedules::ramp_bubble_s,
     schedules::interleaved_activations},
    {ScheduleKind::one_f_one_b_overlap, "1f1b_overlap", StageMapping::loop, 0, true, false,
     schedules::overlap_violation, schedules::one_f_one_b_overlap, schedules::ramp_bubble_s,
     schedules::overlap_activations},
    {ScheduleKind::zb1p, "zb1p", StageMapping::loop, 1, false, true, schedules::any_batch, schedules::zb1p,
     schedules::zb1p_bubble_s, schedules::zb1p_activations},
    {ScheduleKind::zbv, "zbv", StageMapping::vee, 2, false, true, schedules::any_batch, schedules::zbv,
     schedules::zbv_bubble_s, schedules::zbv_activations},
    {ScheduleKind::dualpipe, "dualpipe", StageMapping::mirror, 2, true, true, schedules::dualpipe_violation,
     schedules::dualpipe, schedules::dualpipe_bubble_s, schedules::dualpipe_activations},
    {ScheduleKind::dualpipev, "dualpipev", StageMapping::vee, 2, true, true, schedules::dualpipev_violation,
     schedules::dualpipev, schedules::dualpipe_bubble_s, schedules::dualpipe_activations},
}};

/// Names for specs, schema and completion.
inline constexpr auto kScheduleNames = [] {
  std::array<std::pair<ScheduleKind, std::string_view>, kSchedules.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = {kSchedules[i].kind, kSchedules[i].name};
  return names;
}();

const ScheduleRow& row_of(ScheduleKind kind);

}  // namespace moesim
