#include "cli/traced_job.hpp"

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/text_table.hpp"
#include "sim/results/record_sink.hpp"

namespace moesim::cli {
namespace {

constexpr std::size_t kShapesShown = 20;

StepTimes predicted_times(const Json& result) {
  const Json& summary = result.at("summary");
  StepTimes out;
  out.step_s = summary.at("step_time_s").get<double>();
  out.idle_s = out.step_s * summary.at("bubble_fraction").get<double>();
  out.exposed_s = out.step_s * summary.at("exposed_communication_fraction").get<double>();
  out.computation_s = out.step_s - out.idle_s - out.exposed_s;
  return out;
}

StepTimes run_job(ScenarioArguments scenario, const std::string& profile, const std::string& stack) {
  const auto set = [&](const std::string& pointer, const std::string& path) {
    if (!path.empty()) scenario.changes.push_back(pointer + "=" + std::filesystem::absolute(path).string());
  };
  set("/calibration", profile);
  set("/stack", stack);
  const std::string file = scenario_file(scenario);
  const Json document = read_scenario(file, scenario);
  if (document.value("kind", "") != "training")
    throw SpecError(file, "/kind", "a trace is compared with a training step",
                    "give a scenario of kind training");
  NullSink sink;
  return predicted_times(run_named(document, file, {}, sink));
}

std::string axes_text(const Entry& entry) {
  std::vector<std::string> parts;
  for (const auto& axis : axes_of(entry.op)) parts.push_back(fmt::format("{} {:g}", axis, entry.axis(axis)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string role_text(const Entry& entry) {
  const bool is_backward = entry.role != GemmRole::forward;
  return fmt::format("{} {}{}", enum_name(entry.op), enum_name(entry.format), is_backward ? " backward" : "");
}

TextTable class_table(const TraceReport& report) {
  TextTable table{{{"kernels"},
                   {"calls", Align::right},
                   {"matched", Align::right},
                   {"ms a step", Align::right},
                   {"of it matched", Align::right}},
                  {}};
  for (const ClassCount& row : report.classes) {
    table.rows.push_back(
        {std::string(enum_name(row.what)), fmt::format("{}", row.calls), fmt::format("{}", row.matched),
         fmt::format("{:.3f}", row.seconds * 1e3),
         fmt::format("{:.0f} %", row.seconds > 0 ? 100 * row.matched_seconds / row.seconds : 0)});
  }
  return table;
}

TextTable shape_table(const TraceReport& report) {
  TextTable table{{{"operator"},
                   {"shape"},
                   {"calls a step", Align::right},
                   {"traced us", Align::right},
                   {"base us", Align::right},
                   {"base over traced", Align::right}},
                  {}};
  for (const ShapeDifference& row : report.shapes) {
    if (table.rows.size() == kShapesShown) break;
    table.rows.push_back(
        {role_text(row.entry), axes_text(row.entry), fmt::format("{:g}", row.calls),
         fmt::format("{:.1f}", row.traced_s * 1e6),
         row.predicted_s ? fmt::format("{:.1f}", *row.predicted_s * 1e6) : "-",
         row.predicted_s ? fmt::format("{:+.1f} %", 100 * (*row.predicted_s / row.traced_s - 1)) : "-"});
  }
  return table;
}

TextTable lane_table(const TraceReport& report) {
  TextTable table{{{"a step"}, {"ms", Align::right}}, {}};
  const StepLanes& lanes = report.lanes;
  for (const auto& [name, seconds] :
       {std::pair("step", lanes.step_s), std::pair("computation", lanes.computation_s),
        std::pair("communication", lanes.communication_s),
        std::pair("of it beside no computation", lanes.exposed_s), std::pair("idle", lanes.idle_s)})
    table.rows.push_back({name, fmt::format("{:.3f}", seconds * 1e3)});
  return table;
}

struct TimeRow {
  const char* name;
  double StepTimes::*seconds;
};
constexpr std::array<TimeRow, 4> kTimes{{{"step", &StepTimes::step_s},
                                         {"computation", &StepTimes::computation_s},
                                         {"exposed_communication", &StepTimes::exposed_s},
                                         {"idle", &StepTimes::idle_s}}};

TextTable job_table(const JobComparison& job) {
  TextTable table{{{"seconds of a step"},
                   {"traced", Align::right},
                   {"predicted", Align::right},
                   {"error", Align::right},
                   {"with the private files", Align::right},
                   {"error", Align::right}},
                  {}};
  for (const TimeRow& row : kTimes) {
    const double traced = job.traced.*row.seconds;
    const auto error = [&](const StepTimes& times) {
      return traced > 0 ? fmt::format("{:+.1f} %", 100 * (times.*row.seconds / traced - 1))
                        : std::string("-");
    };
    table.rows.push_back({row.name, fmt::format("{:.4f}", traced),
                          fmt::format("{:.4f}", job.before.*row.seconds), error(job.before),
                          fmt::format("{:.4f}", job.after.*row.seconds), error(job.after)});
  }
  return table;
}

Json times_json(const StepTimes& times) {
  Json out;
  for (const TimeRow& row : kTimes) out[fmt::format("{}_s", row.name)] = times.*row.seconds;
  return out;
}

}  // namespace

JobComparison compare_job(const StepLanes& lanes, const ScenarioArguments& scenario,
                          const std::string& profile, const std::string& stack) {
  JobComparison job;
  job.traced = {lanes.step_s, lanes.computation_s, lanes.exposed_s, lanes.idle_s};
  job.before = run_job(scenario, "", "");
  job.after = run_job(scenario, profile, stack);
  return job;
}

std::string trace_report_text(const TraceReport& report, const std::optional<JobComparison>& job) {
  std::string text = plain_text(class_table(report)) + "\n" + plain_text(lane_table(report)) + "\n" +
                     plain_text(shape_table(report));
  if (report.shapes.size() > kShapesShown)
    text += fmt::format("and {} more shapes; --json lists all\n", report.shapes.size() - kShapesShown);
  text += fmt::format(
      "\nkernel gap {:.1f} us, launch {:.1f} us, GEMMs beside communication at {:.2f} of their rate "
      "({} shapes)\n",
      report.gap_s * 1e6, report.launch_s * 1e6, report.overlap_rate, report.overlap_shapes);
  if (job) text += "\n" + plain_text(job_table(*job));
  return text;
}

Json trace_report_json(const TraceReport& report, const std::optional<JobComparison>& job) {
  Json classes = Json::array(), shapes = Json::array();
  for (const ClassCount& row : report.classes) {
    classes.push_back({{"class", std::string(enum_name(row.what))},
                       {"calls", row.calls},
                       {"matched", row.matched},
                       {"seconds_per_step", row.seconds},
                       {"matched_seconds_per_step", row.matched_seconds}});
  }
  for (const ShapeDifference& row : report.shapes) {
    Json axes;
    for (const auto& [axis, value] : row.entry.axes) axes[axis] = value;
    shapes.push_back({{"operator", std::string(enum_name(row.entry.op))},
                      {"format", std::string(enum_name(row.entry.format))},
                      {"role", std::string(enum_name(row.entry.role))},
                      {"axes", std::move(axes)},
                      {"calls_per_step", row.calls},
                      {"traced_s", row.traced_s},
                      {"predicted_s", row.predicted_s ? Json(*row.predicted_s) : Json()}});
  }
  const StepLanes& lanes = report.lanes;
  Json out = {{"classes", std::move(classes)},
              {"lanes",
               {{"step_s", lanes.step_s},
                {"computation_s", lanes.computation_s},
                {"communication_s", lanes.communication_s},
                {"exposed_s", lanes.exposed_s},
                {"idle_s", lanes.idle_s}}},
              {"overlap_rate", report.overlap_rate},
              {"overlap_shapes", report.overlap_shapes},
              {"kernel_gap_s", report.gap_s},
              {"launch_s", report.launch_s},
              {"shapes", std::move(shapes)}};
  if (job)
    out["step"] = {{"traced", times_json(job->traced)},
                   {"predicted", times_json(job->before)},
                   {"predicted_with_private_files", times_json(job->after)}};
  return out;
}

}  // namespace moesim::cli
