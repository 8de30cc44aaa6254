#include "calib/measure/suite_text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "calib/measure/budget.hpp"
#include "calib/measure/suite.hpp"

namespace moesim {

namespace {

struct FamilyTotals {
  int num_cases = 0;
  int num_quick = 0;
  Seconds time;
  Seconds quick_time;

  void add(const MeasuredCase& point, Seconds estimate) {
    ++num_cases;
    time += estimate;
    if (!point.quick) return;
    ++num_quick;
    quick_time += estimate;
  }
  [[nodiscard]] std::string row(std::string_view name) const {
    return fmt::format("{:<20}{:>7}{:>9.0f} s{:>9}{:>9.0f} s\n", name, num_cases, time.value(), num_quick,
                       quick_time.value());
  }
};

std::string regime_list(const MeasuredCase& point) {
  std::string text;
  for (const TimingRegime regime : point.regimes)
    text += fmt::format("{}{}", text.empty() ? "" : ",", enum_name(regime));
  return text;
}

std::string rates(const LogRecord& record) {
  const double seconds = record.median_us * 1e-6;
  std::string text;
  if (record.work.flops > 0) text += fmt::format("{:8.1f} TFLOP/s", record.work.flops / seconds / 1e12);
  if (record.work.hbm_bytes > 0) text += fmt::format("{:8.1f} GB/s", record.work.hbm_bytes / seconds / 1e9);
  if (record.work.link_bytes > 0)
    text += fmt::format("{:8.1f} GB/s NVLink", record.work.link_bytes / seconds / 1e9);
  return text;
}

}  // namespace

std::string suite_table(std::span<const MeasuredCase> points, const GpuFacts& gpu) {
  std::vector<std::string> order;
  std::map<std::string, FamilyTotals> families;
  FamilyTotals all;
  for (const MeasuredCase& point : points) {
    if (!families.contains(point.group)) order.push_back(point.group);
    const Seconds estimate = estimated_time(point, gpu);
    families[point.group].add(point, estimate);
    all.add(point, estimate);
  }
  std::string text =
      fmt::format("{:<20}{:>7}{:>11}{:>9}{:>11}\n", "family", "cases", "estimate", "quick", "estimate");
  for (const std::string& group : order) text += families[group].row(group);
  return text + all.row("all");
}

std::string case_table(std::span<const MeasuredCase> points) {
  std::string text;
  for (const MeasuredCase& point : points)
    text += fmt::format("{}  {}{}\n", point.id(), regime_list(point), point.quick ? "  quick" : "");
  return text;
}

std::string check_row(const LogRecord& record) {
  if (record.status != RecordStatus::measured || !record.check) return record_row(record);
  return fmt::format("{}  difference {:.3g} of at most {:.3g} against {}\n", record.id,
                     record.check->difference, record.check->tolerance, record.check->against);
}

std::string record_row(const LogRecord& record) {
  const std::string head = fmt::format("{}{}  {}", record.record == "anchor" ? "anchor " : "", record.id,
                                       enum_name(record.regime));
  if (record.status == RecordStatus::measured)
    return fmt::format("{}  {:.2f} us ({:.2f} to {:.2f}, n {}){}\n", head, record.median_us, record.p10_us,
                       record.p90_us, record.num_samples, rates(record));
  std::string reason = record.reason;
  if (record.status == RecordStatus::check_failed && record.check)
    reason = fmt::format("{}: difference {:.3g} of at most {:.3g} against {}", reason,
                         record.check->difference, record.check->tolerance, record.check->against);
  const bool loud = record.status != RecordStatus::unsupported;
  return fmt::format("{}{}  {}: {}\n", loud ? "FAILED  " : "", head, enum_name(record.status), reason);
}

std::vector<MeasuredCase> chosen_cases(std::span<const MeasuredCase> points,
                                       std::span<const std::string> groups, bool quick,
                                       const std::string& where) {
  std::vector<std::string> known;
  for (const MeasuredCase& point : points)
    if (std::find(known.begin(), known.end(), point.group) == known.end()) known.push_back(point.group);
  for (const std::string& group : groups) {
    if (std::find(known.begin(), known.end(), group) != known.end()) continue;
    const std::string near = nearest(group, known);
    throw SpecError(where, "", fmt::format("unknown family '{}'", group),
                    near.empty() ? fmt::format("one of {}", fmt::join(known, ", "))
                                 : fmt::format("did you mean '{}'?", near));
  }
  std::vector<MeasuredCase> chosen;
  for (const MeasuredCase& point : points) {
    const bool wanted =
        groups.empty() || std::find(groups.begin(), groups.end(), point.group) != groups.end();
    if (wanted && (!quick || point.quick)) chosen.push_back(point);
  }
  return chosen;
}

}  // namespace moesim
