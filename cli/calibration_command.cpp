#include "cli/calibration_command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace moesim::cli {
namespace {

constexpr auto kCalibrationCommands = std::to_array<Command>({
    {"import", "Read foreign measurements as timed points", declare_calibration_import},
    {"fit", "Make a profile of timed points, with its held-out error", declare_calibration_fit},
    {"check", "Errors of a profile at points that it was not made of", declare_calibration_check},
    {"show", "Print what a profile holds, and its points against its curves", declare_calibration_show},
    {"merge", "Make one profile of several of one GPU", declare_calibration_merge},
    {"carry", "Make a profile of another GPU by its rates", declare_calibration_carry},
});

}  // namespace

Action declare_each(CLI::App& app, std::span<const Command> table) {
  app.require_subcommand(1);
  std::vector<std::pair<CLI::App*, Action>> actions;
  for (const Command& command : table) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.doc));
    actions.emplace_back(sub, command.declare(*sub));
  }
  return [actions] {
    return std::ranges::find_if(actions, [](const auto& row) { return row.first->parsed(); })->second();
  };
}

Action declare_calibration(CLI::App& app) {
  app.footer(
      "Examples:\n  moesim calibration import kernel-tables gemm.csv.gz --gpu h100.json --name my-h100 -o "
      "my-h100-points.json\n  moesim calibration fit my-h100-points.json -o my-h100.json\n  moesim "
      "calibration "
      "check my-h100.json");
  return declare_each(app, kCalibrationCommands);
}

}  // namespace moesim::cli
