#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/scenario_arguments.hpp"
#include "sim/cluster/cluster_spec.hpp"
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

/// A program whose configurations are read and written.
struct ExchangeProgram {
  const char* name;
  const char* title;
  const char* input;   ///< what FILE is
  const char* dashes;  ///< before the names of its arguments
  Json (*import)(std::string_view text, const std::string& file, const ImportChoices& choices);
  const char* import_example;
};

constexpr std::array<ExchangeProgram, 2> kPrograms{{
    {"megatron", "Arguments of Megatron-LM", "Shell script or argument list, or - for standard input", "--",
     import_megatron,
     "moesim scenario import megatron train.sh --cluster h800-2048 --calibration h800-sxm --gpus 256 -o "
     "a.json"},
    {"torchtitan", "Job configuration of torchtitan", "Configuration in TOML, or - for standard input", "",
     import_torchtitan,
     "moesim scenario import torchtitan llama3_8b.toml --cluster h800-2048 --calibration h800-sxm --gpus 64"},
}};

/// One line for each list of names that is not empty.
void report(const Json& read, const std::string& dashes) {
  for (const char* list : {"understood", "ignored", "unknown"}) {
    std::string names;
    for (const Json& name : read[list]) {
      names += " " + dashes + name.get<std::string>();
      const auto near = read["near"].find(name.get<std::string>());
      if (near != read["near"].end())
        names += fmt::format(" (did you mean {}{}?)", dashes, near->get<std::string>());
    }
    if (!names.empty()) std::cerr << fmt::format("moesim: {}:{}\n", list, names);
  }
  for (const Json& note : read["not_modelled"]) {
    std::cerr << fmt::format("moesim: warning: {}{}: {}\n", dashes, note["name"].get<std::string>(),
                             note["what"].get<std::string>());
  }
}

bool is_file(const std::string& output) {
  return !output.empty() && output != "-";
}

/// a.json -> a.model.json, beside it.
std::filesystem::path model_file(const std::string& output) {
  return std::filesystem::path(output).replace_extension(".model.json");
}

ImportChoices choices_of(const ExchangeArguments& arguments) {
  ImportChoices choices = arguments.choices;
  const ClusterSpec cluster = load_cluster(choices.cluster);
  choices.cluster_gpus = cluster.num_gpus();
  choices.gpus_per_node = cluster.gpus_per_node;
  if (is_file(arguments.output)) choices.model_file = model_file(arguments.output).filename().string();
  return choices;
}

/// Files that the command line names, from the folder of the scenario.
void relate_files(const std::string& output, bool has_new_model, Json& scenario) {
  if (!is_file(output)) return;
  const auto folder = std::filesystem::absolute(output).parent_path();
  const auto relate = [&](Json& value) {
    if (!value.is_string() || !value.get_ref<const std::string&>().ends_with(".json")) return;
    value = std::filesystem::absolute(value.get<std::string>()).lexically_relative(folder).string();
  };
  for (const char* key : {"cluster", "calibration", "stack"}) relate(scenario[key]);
  if (!has_new_model) relate(scenario["model"]);
  if (scenario["cluster"].is_object()) relate(scenario["cluster"]["base"]);
}

/// Writes the scenario once it is one of its kind's schema, and the model that it names where that is new.
ExitCode import_arguments(const ExchangeArguments& arguments, const ExchangeProgram& program) {
  const std::string model_path = is_file(arguments.output) ? model_file(arguments.output).string() : "";
  require_distinct({{"FILE", arguments.file}},
                   {{"-o", arguments.output}, {"its model", model_path}, {"--json", arguments.json}});
  Output output(arguments.output);
  Output json(arguments.json);
  Json read = program.import(read_text(arguments.file), arguments.file, choices_of(arguments));
  Json& scenario = read["scenario"];
  kind_of(scenario, arguments.file).complete(scenario, arguments.file);
  relate_files(arguments.output, read.contains("model"), scenario);
  report(read, program.dashes);
  if (read.contains("model")) write_document(model_path, read["model"]);
  if (json.wanted()) {
    json.stream() << write_json(read);
    json.commit();
  }
  if (json.is_stdout() && output.is_stdout()) return ExitCode::kDone;
  output.stream() << write_json(scenario);
  output.commit();
  return ExitCode::kDone;
}

/// Words with an argument a line.
std::string argument_text(const Json& words) {
  std::string text;
  for (const Json& word : words) {
    const auto& argument = word.get_ref<const std::string&>();
    const bool plain = argument.find_first_of("|*(), ") == std::string::npos;
    text += text.empty() ? "" : argument.starts_with("--") ? " \\\n" : " ";
    text += plain ? argument : "'" + argument + "'";
  }
  return text + '\n';
}

ExitCode export_arguments(const ExchangeArguments& arguments, bool megatron) {
  const std::string file = scenario_file(arguments.scenario);
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const Json read = read_scenario(file, arguments.scenario);
  if (kind_of(read, file).spec().find("layout") == nullptr) {
    throw SpecError(file, "/kind", "has no layout that could be exported", "a training scenario");
  }
  const Json scenario = kind_of(read, file).complete(read, file);
  const Json exported =
      megatron ? export_megatron(scenario, file)
               : export_torchtitan(scenario, file, load_cluster(scenario["cluster"], file).num_gpus());
  write_result(json, exported,
               megatron ? argument_text(exported["arguments"]) : torchtitan_text(exported["config"]));
  for (const Json& note : exported["not_expressed"]) {
    std::cerr << fmt::format("moesim: not expressed: {}: {}\n", note["pointer"].get<std::string>(),
                             note["what"].get<std::string>());
  }
  return ExitCode::kDone;
}

void add_import_options(CLI::App& app, ExchangeArguments& arguments, const ExchangeProgram& program) {
  app.add_option("file", arguments.file, program.input)->type_name("FILE|-")->required();
  require_text(*app.add_option("--model", arguments.choices.model,
                               "Model instead of the described one; arguments that contradict it are refused")
                    ->type_name("NAME"));
  app.add_option("--cluster", arguments.choices.cluster, "Cluster")->type_name("NAME")->required();
  app.add_option("--calibration", arguments.choices.calibration, "Profile of the GPU")
      ->type_name("NAME")
      ->required();
  app.add_option("--stack", arguments.choices.stack, "Software stack instead of the arguments'")
      ->type_name("NAME");
  CLI::Option* gpus =
      app.add_option("--gpus", arguments.choices.num_gpus, "GPUs of the run; default: all of the cluster");
  require_whole_number(*gpus, 1, 1 << 20);
  add_file_option(app, "-o,--output", arguments.output, "Write the scenario there")->capture_default_str();
  add_json_option(app, arguments.json);
  app.footer(fmt::format(
      "Every argument is listed on standard error: understood, ignored, not modelled or unknown.\n"
      "\nExamples:\n  {}",
      program.import_example));
}

void add_export_options(CLI::App& app, ExchangeArguments& arguments, const ExchangeProgram& program) {
  add_scenario_options(app, arguments.scenario);
  add_json_option(app, arguments.json);
  app.footer(fmt::format("Examples:\n  moesim scenario export {} scenario.json --set /layout/schedule=1f1b",
                         program.name));
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
  for (const ExchangeProgram& program : kPrograms) {
    add_import_options(*import_app->add_subcommand(program.name, program.title), *arguments, program);
    add_export_options(*export_app->add_subcommand(program.name, program.title), *arguments, program);
  }
  app.footer(
      "Examples:\n  moesim scenario import megatron --help\n  moesim scenario export torchtitan "
      "scenario.json");
  return [arguments, import_app, export_app] {
    const bool importing = import_app->parsed();
    const CLI::App* chosen = (importing ? import_app : export_app)->get_subcommands().front();
    const auto program = std::ranges::find_if(
        kPrograms, [&](const ExchangeProgram& one) { return one.name == chosen->get_name(); });
    if (importing) return import_arguments(*arguments, *program);
    return export_arguments(*arguments, program == kPrograms.begin());
  };
}

}  // namespace moesim::cli
