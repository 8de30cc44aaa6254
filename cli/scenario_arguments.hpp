#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace CLI {
class App;
}

namespace moesim::cli {

/// Which scenario a command works on, and what is changed in it.
struct ScenarioArguments {
  std::string path;
  std::vector<std::string> changes;  ///< each "POINTER=VALUE"
  std::string engine;                ///< instead of the scenario's; may be empty
  std::string price;                 ///< instead of its clusters'; may be empty
};

/// An option of that name, repeated, each "POINTER=VALUE".
void add_change_option(CLI::App& app, const std::string& name, std::vector<std::string>& changes,
                       const std::string& doc);
/// --engine, one of those that there are.
void add_engine_option(CLI::App& app, std::string& engine);
/// --price NAME|FILE.
void add_price_option(CLI::App& app, std::string& price);
/// SCENARIO|-, --set, --engine and --price.
void add_scenario_options(CLI::App& app, ScenarioArguments& arguments);

/// The file that SCENARIO means: itself where it is "-", has a folder or ends in .json, else the shipped
/// scenario of that name, else a file of that name. Throws SpecError, with the nearest name, where none is
/// there.
std::string scenario_file(const ScenarioArguments& arguments);

/// The scenario of that file with its changes, by the schema of its kind. Throws SpecError.
Json read_scenario(const std::string& file, const ScenarioArguments& arguments);

/// Whether what others published about a scenario of that kind is about the changed one too: nothing is --set
/// but its /seed, /published and, of the kind routing, /record, else /engine, /gpus or /routing.
bool keeps_published(const ScenarioArguments& arguments, std::string_view kind);

/// The set of the ids that --exclude-source gave. Throws SpecError for one that neither the scenario's stack
/// nor its calibration knows.
SourceSet excluded_sources(const std::vector<std::string>& ids, const Json& scenario,
                           const std::string& file);

/// run_scenario(), with a PlanError that names the file and shows the memory that a plan exceeds.
Json run_named(const Json& scenario, const std::string& file, const RunOptions& options, RecordSink& sink);

}  // namespace moesim::cli
