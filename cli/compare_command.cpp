#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/compared_results.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/scenario_arguments.hpp"
#include "reports/comparison_page.hpp"
#include "reports/comparison_table.hpp"
#include "sim/results/comparison.hpp"

namespace moesim::cli {
namespace {

struct CompareOutputs {
  std::string json;
  std::string csv;
  std::string html;
};

/// Throws UsageError where fewer than two columns are asked for, "-" stands for two things, or an output is
/// an input.
void check_arguments(const CompareArguments& arguments, const CompareOutputs& outputs) {
  if (arguments.items.size() + arguments.varied.size() < 2)
    throw UsageError("give two or more scenarios or results, or one scenario and --vary");
  if (std::ranges::count(arguments.items, "-") > 1) throw UsageError("only one of them may be -");
  const std::vector<NamedPath> paths{
      {"--json", outputs.json}, {"--csv", outputs.csv}, {"--html", outputs.html}};
  if (std::ranges::count(paths, "-", &NamedPath::path) > 1)
    throw UsageError("only one of --json, --csv and --html may be -");
  std::vector<NamedPath> inputs;
  for (const std::string& item : arguments.items) inputs.push_back({"an input", compared_file(item)});
  require_distinct(inputs, paths);
}

Comparison comparison_of(const Json& rows) {
  std::vector<ComparedResult> results;
  for (const Json& row : rows) {
    const auto memory = row.find("memory");
    results.push_back({row["name"].get<std::string>(), row["file"].get<std::string>(), &row["result"],
                       memory == row.end() ? nullptr : &*memory});
  }
  return compare_results(results);
}

ExitCode compare(const CompareArguments& arguments, const CompareOutputs& outputs) {
  check_arguments(arguments, outputs);
  Output json(outputs.json);
  Output csv(outputs.csv);
  Output html(outputs.html);
  const Json rows = load_compared(arguments);
  const Comparison comparison = comparison_of(rows);
  if (csv.wanted()) csv.stream() << comparison_csv(comparison);
  if (html.wanted()) html.stream() << comparison_page(comparison);
  if (csv.wanted()) csv.commit();
  if (html.wanted()) html.commit();
  const bool takes_stdout = csv.is_stdout() || html.is_stdout();
  write_result(json, comparison_json(comparison), takes_stdout ? "" : comparison_table(comparison));
  return ExitCode::kDone;
}

void add_options(CLI::App& app, CompareArguments& arguments, CompareOutputs& outputs) {
  app.add_option(
         "items", arguments.items,
         "Scenarios (file, shipped name or -), which are run, or results: the JSON or the folder of a run")
      ->type_name("SCENARIO|RESULT")
      ->required();
  add_change_option(app, "--set", arguments.changes,
                    "Change one value of every scenario, as /layout/ep=32; may be repeated");
  add_change_option(app, "--vary", arguments.varied,
                    "One more column: the first scenario with this change; may be repeated");
  add_engine_option(app, arguments.engine);
  add_price_option(app, arguments.price);
  add_seed_option(app, arguments.seed);
  add_threads_option(app, arguments.threads);
  add_json_option(app, outputs.json);
  add_file_option(app, "--csv", outputs.csv, "Write the comparison as CSV");
  add_file_option(app, "--html", outputs.html, "Write the comparison as one HTML page with pictures");
}

}  // namespace

Action declare_compare(CLI::App& app) {
  const auto arguments = std::make_shared<CompareArguments>();
  const auto outputs = std::make_shared<CompareOutputs>();
  add_options(app, *arguments, *outputs);
  app.footer(
      "Differences are relative to the first. Scenarios are run with their waterfall, each in a process of "
      "its\n"
      "own. What a result lacks is a dash.\n"
      "\n"
      "Examples:\n"
      "  moesim compare deepseek-v3-pretrain-2048xh800 --vary /layout/ep=128 --vary "
      "/recipe/global_batch=7680\n"
      "  moesim compare before.json after.json --html comparison.html\n"
      "  moesim compare out/run1 out/run2 scenario.json --engine replay --json -");
  return [arguments, outputs] { return compare(*arguments, *outputs); };
}

}  // namespace moesim::cli
