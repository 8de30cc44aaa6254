#include "calib/profile/merge_profiles.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

// Timings of one point further apart than this are worth a warning.
constexpr double kDisagreement = 1.005;

/// A timing with what decides whether it stands for its point, best first.
struct Timing {
  Provenance rank = Provenance::published;
  double cost = 0;  ///< s, or s per byte where only a bandwidth is given
  Entry entry;
  bool tabled = false;  ///< a row of a table

  [[nodiscard]] auto place() const {
    return std::tie(rank, cost, entry.source, entry.kernel, entry.gpu, entry.date, entry.num_samples);
  }
};
using PointKey = std::tuple<TimedOperator, std::string, std::string, NumberFormat, GemmRole, Regime,
                            std::map<std::string, double>, bool>;

PointKey key_of(const Entry& e) {
  return {e.op, e.name, e.phase, e.format, e.role, e.regime, e.axes, e.bandwidth.has_value()};
}

std::string point_text(const Entry& e) {
  std::string text = fmt::format("{} {}", enum_name(e.op), enum_name(e.format));
  for (const auto& part : {e.name, e.phase})
    if (!part.empty()) text += " " + part;
  for (const auto& [axis, value] : e.axes) text += fmt::format(" {}={}", axis, value);
  return text;
}

/// `found` united with `known`, both of one name; throws where they contradict each other.
void unite(Source& known, const Source& found, const std::string& known_path, const std::string& path) {
  const auto fail = [&](std::string_view what, const std::string& a, const std::string& b) {
    throw SpecError(path, "/sources",
                    fmt::format("source '{}' has the {} '{}', in {} '{}'", found.id, what, b, known_path, a),
                    "give different publications different ids");
  };
  if (known.title != found.title) fail("title", known.title, found.title);
  const auto fill = [&](std::string_view what, std::string& a, const std::string& b) {
    if (!a.empty() && !b.empty() && a != b) fail(what, a, b);
    if (a.empty()) a = b;
  };
  fill("url", known.url, found.url);
  fill("date", known.date, found.date);
}

void check_gpu(const NamedProfile& first, const NamedProfile& other) {
  const Json a = write_spec(first.file.gpu), b = write_spec(other.file.gpu);
  if (a == b) return;
  for (const auto& [key, value] : a.items()) {
    if (b.contains(key) && b.at(key) == value) continue;
    throw SpecError(
        other.path, "/gpu/" + key,
        fmt::format("{} of the GPU is {}, in {} {}", key, b.contains(key) ? b.at(key).dump() : "absent",
                    first.path, value.dump()),
        "merge profiles of one GPU; figures of another one are carried by moesim calibration fit");
  }
  throw SpecError(other.path, "/gpu", fmt::format("another GPU than in {}", first.path),
                  "merge profiles of one GPU");
}

class Merge {
 public:
  explicit Merge(MergeReport& report) : report_(report) {}
  void add(const NamedProfile& input);
  void finish(ProfileFile& out);

 private:
  void add_timing(const ProfileFile& file, const Entry& entry, bool tabled);
  Timing resolved(std::vector<Timing>& timings);

  MergeReport& report_;
  bool has_grids_ = false;                                             ///< of GEMMs, in some input
  std::map<std::string, std::pair<Source, std::string>> sources_;      ///< by id, with the path
  std::map<std::string, std::pair<Constant, std::string>> constants_;  ///< by name
  std::map<PointKey, std::vector<Timing>> points_;
};

void Merge::add_timing(const ProfileFile& file, const Entry& entry, bool tabled) {
  const bool foreign = file.gpu.name.find(entry.gpu) == std::string::npos;
  const Provenance rank = foreign ? std::max(entry.provenance, Provenance::derived) : entry.provenance;
  const double cost = entry.bandwidth ? 1.0 / entry.bandwidth->value() : time_of(entry).value();
  points_[key_of(entry)].push_back({rank, cost, entry, tabled});
}

void Merge::add(const NamedProfile& input) {
  for (const Source& source : input.file.sources) {
    const auto [at, is_new] = sources_.try_emplace(source.id, source, input.path);
    if (!is_new) unite(at->second.first, source, at->second.second, input.path);
  }
  for (const Constant& constant : input.file.constants) {
    const auto [at, is_new] = constants_.try_emplace(constant.name, constant, input.path);
    if (is_new || write_spec(at->second.first) == write_spec(constant)) continue;
    throw SpecError(input.path, "/constants",
                    fmt::format("constant '{}' is {} {}, in {} {} {}, or differs in its origin",
                                constant.name, constant.value, constant.unit, at->second.second,
                                at->second.first.value, at->second.first.unit),
                    "make both alike first");
  }
  std::size_t count = input.file.entries.size();
  for (const Entry& entry : input.file.entries) add_timing(input.file, entry, false);
  for (const EntryTable& table : input.file.tables) {
    has_grids_ = has_grids_ || is_gemm_grid(table);
    const auto entries = entries_of(table);
    for (const Entry& entry : entries) add_timing(input.file, entry, true);
    count += entries.size();
  }
  report_.points.push_back(count);
  report_.dropped_errors = report_.dropped_errors || !input.file.held_out.empty();
}

/// The timing that stands, with the spread of all.
Timing Merge::resolved(std::vector<Timing>& timings) {
  std::stable_sort(timings.begin(), timings.end(),
                   [](const Timing& a, const Timing& b) { return a.place() < b.place(); });
  Timing best = timings.front();
  report_.repeated += timings.size() - 1;
  for (const Timing& other : timings) {
    const double ratio = other.cost / best.cost;
    best.entry.p10 = std::min(best.entry.p10, ratio);
    best.entry.p90 = std::max(best.entry.p90, ratio);
    if (other.place() == best.place()) {  // the same timing from two inputs
      best.entry.p10 = std::min(best.entry.p10, other.entry.p10);
      best.entry.p90 = std::max(best.entry.p90, other.entry.p90);
      best.tabled = best.tabled || other.tabled;
    }
    if (ratio <= kDisagreement && ratio >= 1 / kDisagreement) continue;
    report_.warnings.push_back(
        fmt::format("{}: {} of {} is {:.3f} times that of {}; the latter stands ({} before {})",
                    point_text(best.entry), enum_name(other.rank), other.entry.source, ratio,
                    best.entry.source, best.rank == other.rank ? "shorter" : enum_name(best.rank),
                    best.rank == other.rank ? "longer" : enum_name(other.rank)));
  }
  return best;
}

void Merge::finish(ProfileFile& out) {
  for (auto& [id, row] : sources_) out.sources.push_back(std::move(row.first));
  for (auto& [constant, row] : constants_) out.constants.push_back(std::move(row.first));
  std::vector<Entry> rows, gemms;
  for (auto& [key, timings] : points_) {
    Timing timing = resolved(timings);
    const Entry& entry = timing.entry;
    const bool fits_table = timing.tabled && entry.phase.empty();
    const bool fits_grid = has_grids_ && entry.op == TimedOperator::gemm &&
                           entry.regime == Regime::isolated && entry.p10 == 1 && entry.num_samples == 0;
    (!fits_table ? out.entries : fits_grid ? gemms : rows).push_back(entry);
  }
  report_.merged = points_.size();
  out.tables = grids_of(gemms, "m");
  for (EntryTable& table : tables_of(rows)) out.tables.push_back(std::move(table));
}

/// The texts once each, in their order.
std::string joined(const std::set<std::string>& texts, std::string_view between) {
  return fmt::format("{}", fmt::join(texts, between));
}

}  // namespace

ProfileFile merge_profiles(const std::vector<NamedProfile>& inputs, const std::string& name,
                           MergeReport& report) {
  ProfileFile out;
  out.schema_version = kProfileSchemaVersion;
  out.gpu = inputs.front().file.gpu;
  Merge merge(report);
  std::set<std::string> names, descriptions;
  for (const NamedProfile& input : inputs) {
    check_gpu(inputs.front(), input);
    merge.add(input);
    names.insert(input.file.name);
    if (!input.file.description.empty()) descriptions.insert(input.file.description);
  }
  out.name = name.empty() ? joined(names, "+") : name;
  out.description = joined(descriptions, " ");
  merge.finish(out);
  return out;
}

}  // namespace moesim
