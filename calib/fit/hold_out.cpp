#include "calib/fit/hold_out.hpp"

#include <cmath>
#include <string>
#include <unordered_set>

#include "base/error.hpp"
#include "calib/fit/error_account.hpp"
#include "calib/fit/fit_rule.hpp"
#include "calib/fit/store_points.hpp"
#include "calib/fit/timed_points.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/predict.hpp"

namespace moesim {

namespace {

constexpr std::uint64_t kFnvOffset = 14695981039346656037ULL;
constexpr std::uint64_t kFnvPrime = 1099511628211ULL;

/// Nothing where the profile has nothing to answer from.
std::optional<TimeEstimate> answer(const CalibrationProfile& profile, const Entry& point) {
  try {
    return predict(profile, point);
  } catch (const CalibrationError&) {
    return std::nullopt;
  }
}

std::optional<double> error_at(const CalibrationProfile& profile, const Entry& point) {
  const auto estimate = answer(profile, point);
  if (!estimate) return std::nullopt;
  return std::abs(estimate->seconds / time_of(point).value() - 1);
}

/// `base` and the points that rules keep of those outside `fold`.
CalibrationProfile profile_without(std::uint64_t fold, const ProfileFile& base, std::span<const Entry> points,
                                   const std::vector<std::uint64_t>& folds) {
  std::vector<Entry> known;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (folds[i] != fold) known.push_back(points[i]);
  }
  ProfileFile file = base;
  store_points(thinned(known, base.gpu), file);
  return {std::move(file), {}, base.name};
}

/// A curve of these is a number of GPUs, of which a node has two or three: no shape between others.
bool runs_between_gpus(TimedOperator op) {
  return is_collective(op) || op == TimedOperator::custom_all_reduce;
}

void hold_out_by(std::string (*name)(const Entry&), std::string_view kind, const ProfileFile& base,
                 std::span<const Entry> points, ErrorAccount& account) {
  std::vector<std::uint64_t> folds;
  folds.reserve(points.size());
  for (const Entry& point : points) folds.push_back(fold_of(name(point)));
  for (std::uint64_t fold = 0; fold < kNumFolds; ++fold) {
    const CalibrationProfile profile = profile_without(fold, base, points, folds);
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (folds[i] != fold) continue;
      const auto error = error_at(profile, points[i]);
      if (!error) continue;
      account.add(calibrated_operator(points[i]), kind, *error);
      if (kind == "points" || !runs_between_gpus(points[i].op))
        account.add(calibrated_operator(points[i]), "all", *error);
    }
  }
}

}  // namespace

std::uint64_t fold_of(std::string_view name) {
  std::uint64_t hash = kFnvOffset;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return (hash >> 32) % kNumFolds;
}

std::vector<HeldOutError> hold_out(const ProfileFile& base, std::span<const Entry> points) {
  ErrorAccount account;
  hold_out_by(point_name, "points", base, points, account);
  hold_out_by(curve_name, "curves", base, points, account);
  return account.summary();
}

std::vector<HeldOutError> check_points(const CalibrationProfile& profile, std::span<const Entry> points) {
  std::unordered_set<std::string> held;
  for (const Entry& entry : sort_entries(profile.file()).points) {
    const bool is_own = profile.gpu().name.find(entry.gpu) != std::string::npos;
    if (is_own) held.insert(point_name(entry));  // what is carried from another GPU is predicted
  }
  ErrorAccount account;
  for (const Entry& point : points) {
    if (held.contains(point_name(point))) continue;
    if (const auto error = error_at(profile, point)) account.add(calibrated_operator(point), "all", *error);
  }
  return account.summary();
}

}  // namespace moesim
