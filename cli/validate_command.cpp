#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/worker_children.hpp"
#include "reports/csv.hpp"
#include "reports/validation_table.hpp"
#include "sim/validation/validation.hpp"

namespace moesim::cli {
namespace {

struct ValidateArguments {
  std::vector<std::string> paths;
  std::vector<std::string> excluded_sources;
  std::optional<std::uint64_t> seed;
  int threads = 1;
  std::string json;
  std::string csv;
};

ExitCode validate_them(const ValidateArguments& arguments) {
  std::vector<NamedPath> inputs;
  for (const std::string& path : arguments.paths) inputs.push_back({"a case", path});
  if (arguments.json == "-" && arguments.csv == "-")
    throw UsageError("only one of --json and --csv may be -");
  require_distinct(inputs, {{"--json", arguments.json}, {"--csv", arguments.csv}});
  Output json(arguments.json);
  Output csv(arguments.csv);
  ValidationOptions options;
  options.excluded_sources = SourceSet(arguments.excluded_sources.begin(), arguments.excluded_sources.end());
  options.seed = arguments.seed;
  options.run = [&](const std::vector<WorkerRequest>& requests) {
    return run_in_workers(requests, arguments.threads);
  };
  const std::vector<std::filesystem::path> paths(arguments.paths.begin(), arguments.paths.end());
  const Json document = validate(paths, options);
  if (csv.wanted()) {
    csv.stream() << validation_csv(document);
    csv.commit();
  }
  if (json.wanted()) {
    json.stream() << write_json(document);
    json.commit();
  }
  if (!json.is_stdout() && !csv.is_stdout()) print(validation_table(document, TableForm::text));
  return exit_code_of_validation(document);
}

}  // namespace

Action declare_validate(CLI::App& app) {
  const auto arguments = std::make_shared<ValidateArguments>();
  app.add_option("dirs", arguments->paths, "Directories of validation cases, or single case files")
      ->type_name("DIR")
      ->required();
  add_exclude_option(app, arguments->excluded_sources);
  add_seed_option(app, arguments->seed);
  add_threads_option(app, arguments->threads);
  add_json_option(app, arguments->json);
  add_file_option(app, "--csv", arguments->csv, "Write the figures as CSV, a line each");
  app.footer(
      "Exit code 4 where a figure is outside its tolerance, 1 where one has no prediction.\n"
      "\n"
      "Examples:\n"
      "  moesim validate tests/validation\n"
      "  moesim validate tests/validation/deepseek-v3-*.json --json -");
  return [arguments] { return validate_them(*arguments); };
}

}  // namespace moesim::cli
