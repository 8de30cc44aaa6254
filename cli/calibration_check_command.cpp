// moesim calibration check
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/fit/hold_out.hpp"
#include "calib/fit/timed_points.hpp"
#include "calib/profile/profile.hpp"
#include "cli/calibration_command.hpp"
#include "cli/calibration_errors.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"

namespace moesim::cli {
namespace {

struct CheckArguments {
  std::string profile;
  std::vector<std::string> files;
  std::string json;
};

std::vector<HeldOutError> errors_of(const CalibrationProfile& profile,
                                    const std::vector<std::string>& files) {
  if (files.empty()) return profile.file().held_out;
  std::vector<Entry> points;
  for (const std::string& file : files) {
    SortedEntries sorted = sort_entries(read_profile_file(file));
    std::move(sorted.points.begin(), sorted.points.end(), std::back_inserter(points));
  }
  return check_points(profile, merge_repeated(std::move(points)));
}

ExitCode check(const CheckArguments& arguments) {
  std::vector<NamedPath> inputs{{"PROFILE", arguments.profile}};
  for (const std::string& file : arguments.files) inputs.push_back({"POINTS", file});
  require_distinct(inputs, {{"--json", arguments.json}});
  const CalibrationProfile profile = load_profile(arguments.profile);
  Output json(arguments.json);
  const auto errors = errors_of(profile, arguments.files);
  const std::string text = errors.empty()
                               ? "no held-out error is known: make the profile by moesim calibration "
                                 "fit, or give points\n"
                               : errors_text(errors);
  write_result(json, {{"profile", profile.name()}, {"operators", errors_json(errors)}}, text);
  return ExitCode::kDone;
}

}  // namespace

Action declare_calibration_check(CLI::App& app) {
  const auto arguments = std::make_shared<CheckArguments>();
  app.add_option("profile", arguments->profile, "Name of a profile, or a file that ends in .json")
      ->type_name("PROFILE")
      ->required();
  app.add_option(
         "points", arguments->files,
         "Timed points: the errors at those that the profile does not hold, instead of its own report")
      ->type_name("POINTS");
  add_json_option(app, arguments->json);
  app.footer(
      "Examples:\n"
      "  moesim calibration check h200-sxm\n"
      "  moesim calibration check h200-sxm --json -\n"
      "  moesim calibration check my-h100.json points.json");
  return [arguments] { return check(*arguments); };
}

}  // namespace moesim::cli
