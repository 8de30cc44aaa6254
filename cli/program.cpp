#include "cli/program.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <iostream>

#include <fmt/format.h>

#include "cli/man_page.hpp"

namespace moesim::cli {
namespace {

constexpr auto kCommands = std::to_array<Command>({
    {"run", "Simulate a scenario", declare_run},
    {"plan", "Check a scenario and show where memory goes, without running it", declare_plan},
    {"compare", "Put scenarios and results side by side", declare_compare},
    {"report", "Write a report of a result or a sweep, or draw a picture of a result", declare_report},
    {"search", "The best layouts of a scenario, and what they trade", declare_search},
    {"sensitivity", "What each input and constant alone makes of a figure", declare_sensitivity},
    {"sweep", "Run a grid of scenarios into one file", declare_sweep},
    {"capacity", "The smallest and the cheapest fleet that holds an SLO", declare_capacity},
    {"validate", "Compare predictions with published figures", declare_validate},
    {"routing", "Imbalance against topic spread, and affinities fitted to recordings", declare_routing},
    {"trace", "Figures of request traces, and traces of workloads", declare_trace},
    {"worker", "Run cases from standard input, for other programs", declare_worker},
    {"scenario", "Scenarios from the arguments of other programs, and back", declare_scenario},
    {"spec", "Check, complete and describe input files", declare_spec},
    {"model", "Parameters, FLOPs, KV cache and operators of a model", declare_model},
    {"constants", "Every fitted or assumed constant with its source", declare_constants},
    {"calibration", "Make calibration profiles of measured tables", declare_calibration},
    {"completion", "Print a completion script for a shell", declare_completion},
});

constexpr const char* kFooter =
    "Examples:\n"
    "  moesim run deepseek-v3-pretrain-2048xh800 -o out/demo\n"
    "  moesim plan deepseek-v3-pretrain-2048xh800\n"
    "  moesim model show deepseek-v3\n"
    "\n"
    "Exit codes: 0 done, 1 the run failed, 2 usage, 3 invalid input or output, 4 outside tolerance, 130 "
    "interrupted, 128 + N ended by another signal N (143 terminated, 141 its reader is gone).\n"
    "`moesim COMMAND --help` shows the options and examples of a command.";

/// "moesim spec check" for the innermost subcommand that was parsed.
std::string path_of(const CLI::App& app) {
  std::string path = app.get_name();
  for (const CLI::App* sub : app.get_subcommands()) path += ' ' + path_of(*sub);
  return path;
}

ExitCode report_usage(const CLI::App& app, const std::string& text) {
  const std::string path = path_of(app);
  std::cerr << fmt::format("{}: {}\nTry '{} --help'.\n", path, text, path);
  return ExitCode::kUsage;
}

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

Program::Program()
    : app(std::make_unique<CLI::App>("Simulator of mixture-of-experts training on GPU clusters.", "moesim")) {
  app->set_version_flag("--version", "moesim " MOESIM_VERSION, "Print the version and exit");
  add_man_option(*app, MOESIM_VERSION);
  app->get_formatter()->column_width(34);
  app->require_subcommand(1);
  app->footer(kFooter);
  for (const Command& command : commands()) {
    CLI::App* sub = app->add_subcommand(std::string(command.name), std::string(command.doc));
    actions.emplace_back(sub, command.declare(*sub));
  }
}

Program::~Program() = default;

ExitCode run_program(const std::vector<std::string>& arguments) {
  const Program program;
  try {
    // CLI11 takes the arguments last one first.
    program.app->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& wanted) {
    program.app->exit(wanted);
    return ExitCode::kDone;
  } catch (const CLI::ParseError& error) {
    const std::string unknown = unknown_word_text(*program.app, arguments);
    return report_usage(*program.app, unknown.empty() ? error.what() : unknown);
  }
  const auto chosen =
      std::ranges::find_if(program.actions, [](const auto& row) { return row.first->parsed(); });
  try {
    return chosen->second();
  } catch (const UsageError& error) {
    return report_usage(*program.app, error.what());
  }
}

}  // namespace moesim::cli
