// moesim calibration merge
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/profile/merge_profiles.hpp"
#include "calib/profile/profile_text.hpp"
#include "cli/calibration_command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"

namespace moesim::cli {
namespace {

struct MergeArguments {
  std::vector<std::string> files;
  std::string name;
  std::string output;
  std::string json;
};

constexpr std::size_t kWarningsShown = 20;

Json report_json(const MergeReport& report, const MergeArguments& arguments) {
  Json files = Json::array();
  for (std::size_t i = 0; i < arguments.files.size(); ++i)
    files.push_back({{"file", arguments.files[i]}, {"points", report.points[i]}});
  return {{"files", std::move(files)},
          {"points", report.merged},
          {"repeated", report.repeated},
          {"held_out_dropped", report.dropped_errors},
          {"warnings", report.warnings}};
}

std::string report_text(const MergeReport& report, const MergeArguments& arguments) {
  std::string text;
  for (std::size_t i = 0; i < arguments.files.size(); ++i)
    text += fmt::format("{}: {} points\n", arguments.files[i], report.points[i]);
  text += fmt::format("merged: {} points, {} timings stand behind others\n", report.merged, report.repeated);
  for (std::size_t i = 0; i < report.warnings.size() && i < kWarningsShown; ++i)
    text += fmt::format("warning: {}\n", report.warnings[i]);
  if (report.warnings.size() > kWarningsShown)
    text += fmt::format("and {} more warnings; --json lists all\n", report.warnings.size() - kWarningsShown);
  if (report.dropped_errors)
    text +=
        "held-out errors are left out: they are those of the inputs; moesim calibration fit finds them "
        "anew\n";
  return text + fmt::format("wrote {}\n", arguments.output);
}

ExitCode merge_them(const MergeArguments& arguments) {
  if (arguments.files.size() < 2) throw UsageError("give two profiles or more");
  std::vector<NamedPath> paths;
  for (const std::string& file : arguments.files) paths.push_back({"FILE", file});
  require_distinct(paths, {{"--output", arguments.output}, {"--json", arguments.json}});
  std::vector<NamedProfile> inputs;
  for (const std::string& file : arguments.files) inputs.push_back({file, read_profile_file(file)});
  Output profile(arguments.output);
  Output json(arguments.json);
  MergeReport report;
  profile.stream() << profile_text(merge_profiles(inputs, arguments.name, report));
  profile.commit();
  write_result(json, report_json(report, arguments),
               profile.is_stdout() ? "" : report_text(report, arguments));
  return ExitCode::kDone;
}

}  // namespace

Action declare_calibration_merge(CLI::App& app) {
  const auto arguments = std::make_shared<MergeArguments>();
  app.add_option("files", arguments->files, "Profiles or points of one GPU")->type_name("FILE")->required();
  require_text(
      *app.add_option("--name", arguments->name, "Name of the result, by default those of the files"));
  add_file_option(app, "-o,--output", arguments->output, "Profile to write")->required();
  add_json_option(app, arguments->json);
  app.footer(
      "Examples:\n"
      "  moesim calibration merge calib/profiles/h100-sxm.json my-points.json --name my-h100 -o "
      "my-h100.json");
  return [arguments] { return merge_them(*arguments); };
}

}  // namespace moesim::cli
