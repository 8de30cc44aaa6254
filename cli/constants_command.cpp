#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/profile/profile.hpp"
#include "calib/profile/router_dynamics.hpp"
#include "calib/profile/stack.hpp"
#include "cli/command.hpp"
#include "cli/constants_json.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "reports/text_table.hpp"
#include "sim/runner/known_sources.hpp"

namespace moesim::cli {
namespace {

struct ConstantsArguments {
  std::string stack = "deepseek-v3-fp8";
  std::string calibration = "h800-sxm";
  std::string router = "functional";
  std::vector<std::string> excluded_sources;
  std::string json;
};

std::string constants_text(const std::vector<ResolvedConstant>& constants) {
  TextTable table{{{"owner"},
                   {"constant"},
                   {"value", Align::right},
                   {"unit"},
                   {"interval"},
                   {"provenance"},
                   {"sources"},
                   {"fitted on"}},
                  {}};
  for (const ResolvedConstant& constant : constants) {
    const std::string provenance(enum_name(constant.provenance));
    table.rows.push_back({constant.owner, constant.name, fmt::format("{:.6g}", constant.value), constant.unit,
                          fmt::format("{:.6g} to {:.6g}", constant.low, constant.high),
                          constant.fallback ? provenance + " (fallback)" : provenance,
                          fmt::format("{}", fmt::join(constant.sources, ", ")),
                          fmt::format("{}", fmt::join(constant.cases, ", "))});
  }
  return plain_text(table);
}

ExitCode list_them(const ConstantsArguments& arguments) {
  require_distinct({{"--stack", arguments.stack},
                    {"--calibration", arguments.calibration},
                    {"--router", arguments.router}},
                   {{"--json", arguments.json}});
  Output json(arguments.json);
  const Stack stack = load_stack(arguments.stack);
  const RouterDynamics router = load_router_dynamics(arguments.router);
  SourceSet known = known_sources(stack, load_profile(arguments.calibration));
  for (const Source& source : router.sources) known.insert(source.id);
  const SourceSet excluded = checked_sources(arguments.excluded_sources, known, kExcludeOption, "");
  const CalibrationProfile profile = load_profile(arguments.calibration, excluded);
  auto constants = list_constants(stack, profile);
  for (ResolvedConstant& constant : list_constants(router, excluded)) {
    constants.push_back(std::move(constant));
  }
  write_result(json, constants_json(constants), constants_text(constants));
  return ExitCode::kDone;
}

}  // namespace

Action declare_constants(CLI::App& app) {
  const auto arguments = std::make_shared<ConstantsArguments>();
  app.add_option("--stack", arguments->stack, "Stack: a shipped name or a file")->capture_default_str();
  app.add_option("--calibration", arguments->calibration, "Calibration profile: a shipped name or a file")
      ->capture_default_str();
  app.add_option("--router", arguments->router, "Dynamics of a router: a shipped name or a file")
      ->capture_default_str();
  add_exclude_option(app, arguments->excluded_sources);
  add_json_option(app, arguments->json);
  app.footer(
      "Examples:\n"
      "  moesim constants\n"
      "  moesim constants --stack deepseek-v3-fp8 --json -");
  return [arguments] { return list_them(*arguments); };
}

}  // namespace moesim::cli
