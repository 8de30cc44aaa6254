// moesim calibration show
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include <fmt/format.h>

#include "calib/profile/calibrated_operator.hpp"
#include "calib/profile/timed_entries.hpp"
#include "cli/calibration_command.hpp"
#include "cli/calibration_picture.hpp"
#include "cli/calibration_show_text.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"

namespace moesim::cli {
namespace {

struct ShowArguments {
  std::string profile;
  std::string op;
  std::vector<std::string> where;
  std::string picture;
  std::string json;
};

/// Names of what a profile holds: operators, and names under which errors are reported.
std::vector<std::string> known_operators(const CalibrationProfile& profile) {
  std::set<std::string> names;
  for (const Entry& entry : timed_entries(profile)) {
    names.insert(std::string(enum_name(entry.op)));
    if (const auto name = calibrated_operator(entry); !name.empty()) names.insert(std::string(name));
  }
  return {names.begin(), names.end()};
}

/// Keys of --where for the points of one operator.
std::vector<std::string> known_keys(const CalibrationProfile& profile, const PointChoice& choice) {
  std::set<std::string> keys{"format", "name", "regime", "role", "source"};
  for (const Entry& entry : timed_entries(profile)) {
    if (!choice.holds(entry)) continue;
    for (const auto& [axis, value] : entry.axes) keys.insert(axis);
  }
  return {keys.begin(), keys.end()};
}

std::string unknown(const std::string& word, const std::string& what, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return fmt::format("no {} is called '{}'{}; known: {}", what, word,
                     near.empty() ? "" : fmt::format(", did you mean '{}'", near), fmt::join(known, ", "));
}

PointChoice choice_of(const ShowArguments& arguments, const CalibrationProfile& profile) {
  PointChoice choice{arguments.op, {}};
  const auto operators = known_operators(profile);
  if (std::find(operators.begin(), operators.end(), arguments.op) == operators.end())
    throw UsageError("--operator: " + unknown(arguments.op, "operator of the profile", operators));
  const auto keys = known_keys(profile, choice);
  for (const std::string& text : arguments.where) {
    const auto equals = text.find('=');
    const std::string key = text.substr(0, equals);
    if (equals == std::string::npos || equals + 1 == text.size())
      throw UsageError(fmt::format("--where: '{}' is no AXIS=VALUE, as m=4096", text));
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw UsageError("--where: " + unknown(key, "axis of the operator", keys));
    if (!choice.where.emplace(key, text.substr(equals + 1)).second)
      throw UsageError(fmt::format("--where: {} is given twice", key));
  }
  return choice;
}

/// Rows of the format, role and regime with the most points, which a picture shows alone.
std::vector<CurvePointRow> largest_kind(std::vector<CurvePointRow> rows, std::string& title) {
  std::map<std::string, std::size_t> counts;
  for (const CurvePointRow& row : rows)
    if (row.seconds > 0) ++counts[overview_name(row.entry)];
  std::size_t most = 0;
  for (const auto& [name, count] : counts) {
    if (count > most) title = name;
    most = std::max(most, count);
  }
  std::erase_if(rows, [&](const CurvePointRow& row) { return overview_name(row.entry) != title; });
  return rows;
}

void write_picture(const ShowArguments& arguments, const CalibrationProfile& profile,
                   const std::vector<CurvePointRow>& rows, Output& output) {
  std::string title = arguments.op;
  const auto shown = largest_kind(rows, title);
  output.stream() << curve_picture(profile, shown, title, *pictures::picture_format(arguments.picture));
  output.commit();
}

ExitCode show(const ShowArguments& arguments) {
  if (arguments.op.empty() && !arguments.where.empty()) throw UsageError("--where needs --operator");
  if (arguments.op.empty() && !arguments.picture.empty()) throw UsageError("--picture needs --operator");
  if (!arguments.picture.empty() && !pictures::picture_format(arguments.picture))
    throw UsageError(fmt::format("--picture: '{}' ends in none of .{}", arguments.picture,
                                 fmt::join(pictures::picture_extensions(), ", .")));
  require_distinct({{"PROFILE", arguments.profile}},
                   {{"--picture", arguments.picture}, {"--json", arguments.json}});
  const CalibrationProfile profile = load_profile(arguments.profile);
  if (arguments.op.empty()) {
    Output json(arguments.json);
    const auto rows = overview_of(profile);
    write_result(json, overview_json(profile, rows), overview_text(profile, rows));
    return ExitCode::kDone;
  }
  const PointChoice choice = choice_of(arguments, profile);
  Output json(arguments.json);
  Output picture(arguments.picture);
  const auto rows = points_on_curves(profile, choice);
  if (rows.empty())
    throw UsageError(fmt::format("no point of {} has {}", arguments.op, fmt::join(arguments.where, ", ")));
  if (picture.wanted()) write_picture(arguments, profile, rows, picture);
  write_result(json, points_json(profile, arguments.op, rows), points_text(profile, rows));
  return ExitCode::kDone;
}

}  // namespace

Action declare_calibration_show(CLI::App& app) {
  const auto arguments = std::make_shared<ShowArguments>();
  app.add_option("profile", arguments->profile, "Name of a profile, or a file that ends in .json")
      ->type_name("PROFILE")
      ->required();
  require_text(*app.add_option("--operator", arguments->op,
                               "Its points against the curves: an operator, or a name of calibration check"));
  app.add_option("--where", arguments->where, "Points with this value alone, as m=4096; may be repeated")
      ->type_name("AXIS=VALUE")
      ->allow_extra_args(false);
  require_text(*app.add_option("--picture", arguments->picture,
                               "Draw curves and points; the extension says whether as PNG, SVG or PDF")
                    ->type_name("FILE"));
  add_json_option(app, arguments->json);
  app.footer(
      "Examples:\n"
      "  moesim calibration show h100-sxm\n"
      "  moesim calibration show h100-sxm --operator gemm_fp8_block --where n=4096 --where k=7168\n"
      "  moesim calibration show h100-sxm --operator all_reduce --picture all-reduce.png");
  return [arguments] { return show(*arguments); };
}

}  // namespace moesim::cli
