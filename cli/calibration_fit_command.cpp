// moesim calibration fit
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/fit/fit.hpp"
#include "calib/profile/profile_text.hpp"
#include "cli/calibration_command.hpp"
#include "cli/calibration_errors.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

struct FitArguments {
  std::vector<std::string> files;
  std::string base;
  std::string name;
  std::string output;
  std::string json;
};

Json report_json(const FitReport& report, const std::string& name) {
  Json points = Json::array();
  for (const FitCount& count : report.counts) {
    points.push_back(
        {{"name", count.name}, {"read", count.read}, {"points", count.points}, {"kept", count.kept}});
  }
  return {{"profile", name}, {"points", std::move(points)}, {"operators", errors_json(report.errors)}};
}

std::string report_text(const FitReport& report, const std::string& output) {
  TextTable points{{{"operator"}, {"read", Align::right}, {"points", Align::right}, {"kept", Align::right}},
                   {}};
  for (const FitCount& count : report.counts) {
    points.rows.push_back({count.name, fmt::format("{}", count.read), fmt::format("{}", count.points),
                           fmt::format("{}", count.kept)});
  }
  return plain_text(points) + "\n" + errors_text(report.errors) + fmt::format("\nwrote {}\n", output);
}

/// What a profile of `files` starts from: the base, or what the first file says beside its points.
ProfileFile start_of(const FitArguments& arguments, const std::vector<ProfileFile>& files) {
  ProfileFile base = arguments.base.empty() ? files.front() : read_profile_file(arguments.base);
  if (arguments.base.empty()) {
    base.entries.clear();
    base.tables.clear();
    base.held_out.clear();
  }
  if (!arguments.name.empty()) base.name = arguments.name;
  return base;
}

ExitCode fit_them(const FitArguments& arguments) {
  std::vector<NamedPath> inputs{{"--base", arguments.base}};
  for (const std::string& file : arguments.files) inputs.push_back({"POINTS", file});
  require_distinct(inputs, {{"--output", arguments.output}, {"--json", arguments.json}});
  std::vector<ProfileFile> files;
  files.reserve(arguments.files.size());
  for (const std::string& file : arguments.files) files.push_back(read_profile_file(file));
  const ProfileFile base = start_of(arguments, files);
  Output output(arguments.output);
  Output json(arguments.json);
  FitReport report;
  output.stream() << profile_text(fit(base, files, report));
  output.commit();
  const std::string text = output.is_stdout() ? "" : report_text(report, arguments.output);
  write_result(json, report_json(report, base.name), text);
  return ExitCode::kDone;
}

}  // namespace

Action declare_calibration_fit(CLI::App& app) {
  const auto arguments = std::make_shared<FitArguments>();
  app.add_option("points", arguments->files,
                 "Timed points of one GPU, as moesim calibration import writes them")
      ->type_name("POINTS")
      ->required();
  add_file_option(app, "--base", arguments->base, "Profile to extend; its entries are kept as they are");
  require_text(
      *app.add_option("--name", arguments->name, "Name of the profile, by default that of the base"));
  add_file_option(app, "-o,--output", arguments->output, "Profile to write")->required();
  add_json_option(app, arguments->json);
  app.footer(
      "Examples:\n"
      "  moesim calibration fit points.json -o my-h100.json\n"
      "  moesim calibration fit tables.json logs.json --base calib/import/bases/h100-sxm.json -o h100.json");
  return [arguments] { return fit_them(*arguments); };
}

}  // namespace moesim::cli
