#include "calib/import/logs/import_logs.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

namespace {

// Timings of one point further apart than this are worth a warning.
constexpr double kDisagreement = 1.005;

/// A point with the log that it is from.
struct Timing {
  Entry entry;
  std::string place;  ///< "a.txt: line 12"
};
using PointKey = std::tuple<TimedOperator, std::string, NumberFormat, GemmRole, Regime,
                            std::map<std::string, double>, bool>;

PointKey key_of(const Entry& e) {
  return {e.op, e.name, e.format, e.role, e.regime, e.axes, e.bandwidth.has_value()};
}

/// Seconds, or seconds per byte where only a bandwidth is given.
double cost_of(const Entry& e) {
  return e.bandwidth ? 1.0 / e.bandwidth->value() : time_of(e).value();
}

/// To `digits` digits, as the file holds it.
double rounded(double value, int digits) {
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

/// "H100" of "NVIDIA H100 80GB HBM3": the first word of letters, then digits.
std::string model_of(std::string_view device) {
  std::string word;
  const auto is_model = [](const std::string& text) {
    return text.size() > 1 && std::isupper(static_cast<unsigned char>(text[0])) != 0 &&
           std::isdigit(static_cast<unsigned char>(text.back())) != 0;
  };
  for (const char c : std::string(device) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += c;
      continue;
    }
    if (is_model(word)) return word;
    word.clear();
  }
  return "";
}

ProfileFile start_of(const LogImport& import) {
  if (!import.base && !import.gpu)
    throw SpecError("", "", "neither a GPU nor a profile to extend", "give its datasheet or a base");
  ProfileFile profile = import.base.value_or(ProfileFile{});
  profile.schema_version = kProfileSchemaVersion;
  if (import.gpu) profile.gpu = *import.gpu;
  if (!import.name.empty()) profile.name = import.name;
  if (profile.name.empty())
    throw SpecError("", "", "the profile has no name", "name it (--name), or give a base (--base)");
  if (!has_source(profile.sources, import.source))
    profile.sources.push_back(
        {import.source, std::string(import.format->title), std::string(import.format->url), ""});
  return profile;
}

void check_device(const LogPoints& log, const GpuFacts& gpu) {
  const std::string model = model_of(log.device);
  const std::string own = model_of(gpu.name);
  if (model.empty() || own.empty() || model == own) return;
  throw SpecError(log.file, "", fmt::format("is of '{}', the profile of '{}'", log.device, gpu.name),
                  "give the --base or --gpu of that GPU");
}

/// Why a point cannot be; empty: it can.
std::string grade(const LogPoint& point, const GpuFacts& gpu) {
  if (!point.suspect.empty()) return point.suspect;
  const double seconds = point.entry.bandwidth ? 1 : time_of(point.entry).value();
  return impossibility(point.work, point.entry.format, seconds, gpu).value_or("");
}

std::vector<Timing> usable_points(const LogImport& import, const GpuFacts& gpu, LogReport& report) {
  std::vector<std::filesystem::path> files = import.files;
  std::sort(files.begin(), files.end());
  std::vector<Timing> all;
  std::string device;
  for (const auto& file : files) {
    LogPoints log = import.format->read(LogFile(file), import.settings);
    check_device(log, gpu);
    if (device.empty()) device = log.device;
    if (!log.device.empty() && log.device != device)
      throw SpecError(log.file, "", fmt::format("of '{}', others of '{}'", log.device, device),
                      "import the logs of one GPU at a time");
    LogCount count{log.file,         log.device, log.points.size() + log.num_unused(),
                   log.num_unused(), 0,          log.unused};
    for (LogPoint& point : log.points) {
      if (std::string reason = grade(point, gpu); !reason.empty()) {
        ++count.suspect;
        report.suspects.push_back({log.file, point.place, std::move(reason)});
      } else {
        all.push_back({std::move(point.entry), fmt::format("{}: {}", log.file, point.place)});
      }
    }
    report.files.push_back(std::move(count));
  }
  return all;
}

std::string point_text(const Entry& e) {
  std::string text = fmt::format("{} {}", enum_name(e.op), enum_name(e.format));
  for (const auto& [axis, value] : e.axes) text += fmt::format(" {}={}", axis, value);
  return text;
}

/// The shortest, with the spread of all.
Entry merged(std::vector<Timing>& timings, LogReport& report) {
  std::stable_sort(timings.begin(), timings.end(),
                   [](const Timing& a, const Timing& b) { return cost_of(a.entry) < cost_of(b.entry); });
  Entry best = timings.front().entry;
  const double least = cost_of(best);
  best.num_samples = 0;
  for (const Timing& timing : timings) best.num_samples += timing.entry.num_samples;
  const auto at = static_cast<std::size_t>(std::ceil(0.9 * static_cast<double>(timings.size() - 1)));
  best.p90 = rounded(std::max(best.p90, cost_of(timings[at].entry) / least), 4);
  best.p10 = rounded(best.p10, 4);
  const double spread = cost_of(timings.back().entry) / least;
  if (spread > kDisagreement)
    report.warnings.push_back(fmt::format(
        "{}: {} timings differ by {:.1f} %; the shortest stands ({}), the longest is {}", point_text(best),
        timings.size(), (spread - 1) * 100, timings.front().place, timings.back().place));
  return best;
}

void count(const Entry& entry, std::vector<LogOperatorCount>& operators) {
  const std::string name = fmt::format("{} {}", enum_name(entry.op), enum_name(entry.format));
  const double cost = cost_of(entry);
  if (operators.empty() || operators.back().name != name) operators.push_back({name, 0, cost, cost});
  ++operators.back().points;
  operators.back().fastest = std::min(operators.back().fastest, cost);
  operators.back().slowest = std::max(operators.back().slowest, cost);
}

}  // namespace

ProfileFile import_logs(const LogImport& import, LogReport& report) {
  ProfileFile profile = start_of(import);
  std::map<PointKey, std::vector<Timing>> points;
  for (Timing& timing : usable_points(import, profile.gpu, report))
    points[key_of(timing.entry)].push_back(std::move(timing));
  if (points.empty()) {
    const std::string file = import.files.empty() ? "" : import.files.front().string();
    std::vector<std::string> reasons;
    for (const LogCount& log : report.files)
      for (const auto& [reason, rows] : log.reasons)
        reasons.push_back(fmt::format("{} rows: {}", rows, reason));
    for (const SuspectPoint& point : report.suspects)
      reasons.push_back(fmt::format("{}: {}", point.place, point.reason));
    throw SpecError(file, "", "no row can be used",
                    reasons.empty() ? "see docs/calibration.md for what is read"
                                    : fmt::format("{}", fmt::join(reasons, "; ")));
  }
  for (auto& [key, timings] : points) {
    Entry entry = merged(timings, report);
    entry.gpu = profile.gpu.name;
    entry.provenance = Provenance::published;
    entry.source = import.source;
    count(entry, report.operators);
    profile.entries.push_back(std::move(entry));
  }
  return profile;
}

}  // namespace moesim
