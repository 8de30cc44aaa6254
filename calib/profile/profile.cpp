#include "calib/profile/profile.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>

#include <fmt/format.h>

#include "base/file.hpp"
#include "calib/profile/assumptions.hpp"
#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/data_file.hpp"
#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

// Repeat measurements further apart than this are worth a warning.
constexpr double kDisagreement = 1.005;

/// What two entries share that time the same point, as bytes.
std::string point_id(const Entry& e) {
  std::string id = e.name + '\0' + e.phase + '\0';
  for (const int value : {static_cast<int>(e.op), static_cast<int>(e.format), static_cast<int>(e.role),
                          static_cast<int>(e.regime)})
    id += static_cast<char>(value);
  for (const auto& [axis, value] : e.axes) {  // the operator says which axes these are
    const auto bytes = std::bit_cast<std::array<char, sizeof(value)>>(value);
    id.append(bytes.data(), bytes.size());
  }
  return id;
}

/// The same for people.
std::string point_key(const Entry& e) {
  std::string key = fmt::format("{}|{}|{}|{}|{}|{}", enum_name(e.op), e.name, e.phase, enum_name(e.format),
                                enum_name(e.role), enum_name(e.regime));
  for (const auto& [axis, value] : e.axes) key += fmt::format("|{}={}", axis, value);
  return key;
}

/// Seconds, or seconds per byte where only a bandwidth is given.
double cost_of(const Entry& e) {
  return e.bandwidth ? 1.0 / e.bandwidth->value() : time_of(e).value();
}

std::string assumption_warning(const std::string& path, const std::vector<std::string>& names) {
  return fmt::format("{}: no {}: assumed values stand in", path, fmt::join(names, ", "));
}

}  // namespace

CalibrationProfile::CalibrationProfile(ProfileFile file, SourceSet excluded, std::string path)
    : file_(std::move(file)), excluded_(std::move(excluded)), path_(std::move(path)) {
  if (const auto added = add_assumed_constants(file_); !added.empty())
    warnings_.push_back(assumption_warning(path_, added));
  resolve_entries();
  build_curves();
}

void CalibrationProfile::resolve_entries() {
  std::unordered_map<std::string, std::size_t> places;  // looked up, never walked
  std::vector<std::vector<const Entry*>> points;
  std::vector<Entry> all = file_.entries;
  for (const auto& table : file_.tables) {
    if (is_gemm_grid(table)) continue;
    auto rows = entries_of(table);
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
  }
  for (const auto& entry : all) {
    if (excluded_.contains(entry.source)) continue;
    const auto [place, is_new] = places.emplace(point_id(entry), points.size());
    if (is_new) points.emplace_back();
    points[place->second].push_back(&entry);
  }
  for (auto& point : points) {
    std::stable_sort(point.begin(), point.end(), [&](const Entry* a, const Entry* b) {
      return std::pair(provenance_of(*a), cost_of(*a)) < std::pair(provenance_of(*b), cost_of(*b));
    });
    Entry best = *point.front();
    for (const Entry* other : point) {
      const double ratio = cost_of(*other) / cost_of(best);
      best.p90 = std::max(best.p90, ratio);
      best.p10 = std::min(best.p10, ratio);
      if (ratio <= kDisagreement && ratio >= 1 / kDisagreement) continue;
      warnings_.push_back(fmt::format("{}: {} of {} is {:.3f} times that of {}; the latter is used", path_,
                                      point_key(best), other->source, ratio, best.source));
    }
    entries_.push_back(std::move(best));
  }
}

void CalibrationProfile::build_curves() {
  start_gemm_curves();
  for (const auto& entry : entries_) {
    if (!lies_on_curves(entry)) continue;
    const bool is_gemm = entry.op == TimedOperator::gemm || entry.op == TimedOperator::grouped_gemm ||
                         entry.op == TimedOperator::grouped_gemm_masked;
    if (is_gemm) add_gemm(entry);
    if (is_collective(entry.op)) add_collective(entry);
    if (AttentionCurves::takes(entry.op)) attention_.add(entry, estimate_of(entry));
  }
  for (const auto& table : file_.tables) {
    if (is_gemm_grid(table) && !excluded_.contains(table.source)) add_gemm_grid(table);
  }
  complete(collectives_);
  for (auto& curves : collectives_) curves.make_monotone();
  build_serving_curves();
}

Provenance CalibrationProfile::provenance_of(const Entry& entry) const {
  return provenance_on(entry.gpu, entry.provenance);
}

Provenance CalibrationProfile::provenance_on(const std::string& gpu, Provenance stated) const {
  return grade_on(gpu) == Grade::exact ? stated : std::max(stated, Provenance::derived);
}

Grade CalibrationProfile::grade_on(const std::string& gpu) const {
  return file_.gpu.name.find(gpu) == std::string::npos ? Grade::carried : Grade::exact;
}

TimeEstimate CalibrationProfile::estimate_of(const Entry& entry) const {
  const double seconds = time_of(entry).value();
  return {seconds,
          provenance_of(entry),
          entry.source,
          seconds * entry.p10,
          seconds * entry.p90,
          grade_on(entry.gpu)};
}

ResolvedConstant CalibrationProfile::constant(std::string_view name) const {
  auto out = resolve(find_constant(file_.constants, name, path_), excluded_, path_);
  out.owner = file_.name;
  return out;
}

std::optional<ResolvedConstant> CalibrationProfile::sustained_rate() const {
  const bool known = std::any_of(file_.constants.begin(), file_.constants.end(),
                                 [](const Constant& c) { return c.name == "sustained_rate"; });
  if (!known) return std::nullopt;
  return constant("sustained_rate");
}

TimeEstimate CalibrationProfile::small(Bytes bytes) const {
  const auto share = constant("small_kernel_bandwidth");
  const auto floor = constant("small_kernel_floor");
  const auto at_share = [&](double s, double least) {
    return std::max(least, bytes.value() / (s * file_.gpu.hbm_bandwidth.value()));
  };
  return {at_share(share.value, floor.value), share.provenance, share.sources.front(),
          at_share(share.high, floor.low), at_share(share.low, floor.high)};
}

void CalibrationProfile::fail(const std::string& what, const std::string& hint) const {
  throw CalibrationError(path_, "/entries", what, hint);
}

CalibrationProfile load_profile(std::string_view name_or_path, const SourceSet& excluded) {
  const std::string path = find_data_file("calib/profiles", "profile", name_or_path);
  ProfileFile file = read_profile_file(path);
  const auto added = add_assumed_links(file);
  CalibrationProfile profile(std::move(file), excluded, path);
  if (!added.empty()) profile.warn(assumption_warning(path, added));
  return profile;
}

std::vector<std::string> profile_names() {
  return data_names("calib/profiles");
}

}  // namespace moesim
