#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string_view>

#include "base/error.hpp"

namespace CLI {
class App;
}

namespace moesim::cli {

/// What a subcommand does once its options are read. Faults are thrown, see failure_of().
using Action = std::function<ExitCode()>;

/// A subcommand: `declare` adds its options to `app`, which lives as long as the action.
struct Command {
  std::string_view name;
  std::string_view doc;
  Action (*declare)(CLI::App& app);
};

/// Every subcommand, in the order of the help.
std::span<const Command> commands();

Action declare_run(CLI::App& app);
Action declare_plan(CLI::App& app);
Action declare_compare(CLI::App& app);
Action declare_report(CLI::App& app);
Action declare_capacity(CLI::App& app);
Action declare_validate(CLI::App& app);
Action declare_search(CLI::App& app);
Action declare_sensitivity(CLI::App& app);
Action declare_routing(CLI::App& app);
Action declare_sweep(CLI::App& app);
Action declare_trace(CLI::App& app);
Action declare_worker(CLI::App& app);
Action declare_scenario(CLI::App& app);
Action declare_spec(CLI::App& app);
Action declare_model(CLI::App& app);
Action declare_constants(CLI::App& app);
Action declare_calibration(CLI::App& app);
Action declare_completion(CLI::App& app);

/// Options that contradict each other. Exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace moesim::cli
