#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/scenario_arguments.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim::cli {
namespace {

struct ExchangeArguments {
  std::string file;
  ScenarioArguments scenario;
  ImportChoices choices;
  std::string output = "-";
  std::string json;
};

/// One line for each list of names that is not empty.
void report(const Json& read) {
  for (const char* list : {"understood", "ignored", "unknown"}) {
    std::string names;
    for (const Json& name : read[list]) names += " --" + name.get<std::string>();
    if (!names.empty()) std::cerr << fmt::format("moesim: {}:{}\n", list, names);
  }
  for (const Json& note : read["not_modelled"]) {
    std::cerr << fmt::format("moesim: warning: --{}: {}\n", note["name"].get<std::string>(),
                             note["what"].get<std::string>());
  }
}

/// Writes the scenario once it is one of its kind's schema.
ExitCode import_arguments(const ExchangeArguments& arguments) {
  require_distinct({{"FILE", arguments.file}}, {{"-o", arguments.output}, {"--json", arguments.json}});
  Output output(arguments.output);
  Output json(arguments.json);
  const Json read = import_megatron(read_text(arguments.file), arguments.file, arguments.choices);
  kind_of(read["scenario"], arguments.file).complete(read["scenario"], arguments.file);
  report(read);
  if (json.wanted()) {
    json.stream() << write_json(read);
    json.commit();
  }
  if (json.is_stdout() && output.is_stdout()) return ExitCode::kDone;
  output.stream() << write_json(read["scenario"]);
  output.commit();
  return ExitCode::kDone;
}

ExitCode export_arguments(const ExchangeArguments& arguments) {
  const std::string file = scenario_file(arguments.scenario);
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const Json scenario = read_scenario(file, arguments.scenario);
  const Json exported = export_megatron(kind_of(scenario, file).complete(scenario, file), file);
  std::string text;
  for (const Json& word : exported["arguments"]) {
    const auto& argument = word.get_ref<const std::string&>();
    text += text.empty() ? argument : (argument.starts_with("--") ? " \\\n" : " ") + argument;
  }
  write_result(json, exported, text + '\n');
  for (const Json& note : exported["not_expressed"]) {
    std::cerr << fmt::format("moesim: not expressed: {}: {}\n", note["pointer"].get<std::string>(),
                             note["what"].get<std::string>());
  }
  return ExitCode::kDone;
}

void add_import_options(CLI::App& app, ExchangeArguments& arguments) {
  app.add_option("file", arguments.file, "Shell script or argument list, or - for standard input")
      ->type_name("FILE|-")
      ->required();
  app.add_option("--model", arguments.choices.model, "Model; arguments that contradict it are refused")
      ->type_name("NAME")
      ->required();
  app.add_option("--cluster", arguments.choices.cluster, "Cluster")->type_name("NAME")->required();
  app.add_option("--calibration", arguments.choices.calibration, "Profile of the GPU")
      ->type_name("NAME")
      ->required();
  app.add_option("--stack", arguments.choices.stack, "Software stack instead of the arguments'")
      ->type_name("NAME");
  add_file_option(app, "-o,--output", arguments.output, "Write the scenario there")->capture_default_str();
  add_json_option(app, arguments.json);
  app.footer(
      "Every argument is listed on standard error: understood, ignored, not modelled or unknown.\n"
      "\n"
      "Examples:\n"
      "  moesim scenario import megatron train.sh --model mixtral-8x7b --cluster h800-2048 --calibration "
      "h800-sxm");
}

}  // namespace

Action declare_scenario(CLI::App& app) {
  const auto arguments = std::make_shared<ExchangeArguments>();
  app.require_subcommand(1);
  CLI::App* import_app = app.add_subcommand("import", "Make a scenario of another program's arguments");
  CLI::App* export_app = app.add_subcommand("export", "Print another program's arguments for a layout");
  for (CLI::App* sub : {import_app, export_app}) {
    sub->require_subcommand(1);
    sub->footer(fmt::format("Examples:\n  moesim scenario {} megatron --help", sub->get_name()));
  }
  add_import_options(*import_app->add_subcommand("megatron", "Arguments of Megatron-LM"), *arguments);
  CLI::App* megatron = export_app->add_subcommand("megatron", "Arguments of Megatron-LM");
  add_scenario_options(*megatron, arguments->scenario);
  add_json_option(*megatron, arguments->json);
  megatron->footer("Examples:\n  moesim scenario export megatron scenario.json --set /layout/schedule=1f1b");
  app.footer(
      "Examples:\n  moesim scenario import megatron --help\n  moesim scenario export megatron scenario.json");
  return [arguments, import_app] {
    return import_app->parsed() ? import_arguments(*arguments) : export_arguments(*arguments);
  };
}

}  // namespace moesim::cli
