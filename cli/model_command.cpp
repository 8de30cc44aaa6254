#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/model_import.hpp"
#include "cli/model_report.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "models/parameters.hpp"
#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

struct ModelArguments {
  std::string name;
  std::int64_t sequence_length = 4096;
  std::string pass = "forward";
  std::string format = "fp8";
  std::string json;
};

OperatorChoice choice_of(const ModelArguments& arguments) {
  OperatorChoice choice;
  choice.sequence_length = arguments.sequence_length;
  const auto pass = std::ranges::find(pass_names(), arguments.pass);
  choice.pass = static_cast<Pass>(pass - pass_names().begin());
  for (const auto& [format, name] : EnumNames<NumberFormat>::table) {
    if (name == arguments.format) choice.format = format;
  }
  return choice;
}

ExitCode show(const ModelArguments& arguments) {
  require_distinct({{"NAME", arguments.name}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const ModelSpec spec = load_model(arguments.name);
  const OperatorChoice choice = choice_of(arguments);
  write_result(json, model_json(spec, choice), model_text(spec, choice));
  return ExitCode::kDone;
}

ExitCode list(const ModelArguments& arguments) {
  Output json(arguments.json);
  Json rows = Json::array();
  TextTable table{{{"model"},
                   {"family"},
                   {"layers", Align::right},
                   {"parameters", Align::right},
                   {"activated", Align::right}},
                  {}};
  for (const std::string& name : catalog_names()) {
    const ModelSpec spec = load_model(name);
    const ParameterCount count = parameters(spec);
    rows.push_back({{"name", name},
                    {"family", spec.family},
                    {"layers", spec.num_layers},
                    {"parameters", count.total()},
                    {"activated_parameters", count.activated()}});
    table.rows.push_back({name, spec.family, fmt::format("{}", spec.num_layers),
                          metric_text(static_cast<double>(count.total()), MetricUnit::count),
                          metric_text(static_cast<double>(count.activated()), MetricUnit::count)});
  }
  write_result(json, {{"models", std::move(rows)}}, plain_text(table));
  return ExitCode::kDone;
}

void add_show_options(CLI::App& app, ModelArguments& arguments) {
  app.add_option("name", arguments.name, "Catalog name, or a configuration that ends in .json")
      ->type_name("NAME")
      ->required();
  CLI::Option* length = app.add_option("--sequence-length", arguments.sequence_length,
                                       "Tokens of a sequence, up to 2^24; for decode, cached tokens")
                            ->type_name("N")
                            ->capture_default_str();
  require_whole_number(*length, 1, 1 << 24);
  require_one_of(
      *app.add_option("--pass", arguments.pass, "Pass whose operators are listed")->capture_default_str(),
      pass_names());
  require_one_of(
      *app.add_option("--format", arguments.format, "Number format of linear layers")->capture_default_str(),
      {"fp8", "bf16", "fp32"});
  app.footer(
      "Examples:\n"
      "  moesim model show deepseek-v3\n"
      "  moesim model show deepseek-v2 --sequence-length 8192 --pass decode --format bf16\n"
      "  moesim model show my-model/config.json --json -");
}

}  // namespace

Action declare_model(CLI::App& app) {
  const auto arguments = std::make_shared<ModelArguments>();
  const auto import_arguments = std::make_shared<ImportArguments>();
  app.require_subcommand(1);
  CLI::App* list_app = app.add_subcommand("list", "List the models of the catalog");
  list_app->footer("Examples:\n  moesim model list");
  CLI::App* show_app = app.add_subcommand("show", "Show one model");
  add_show_options(*show_app, *arguments);
  CLI::App* import_app = app.add_subcommand("import", "Read a Hugging Face configuration");
  add_import_options(*import_app, *import_arguments);
  for (CLI::App* sub : {list_app, show_app}) add_json_option(*sub, arguments->json);
  add_json_option(*import_app, import_arguments->json);
  app.footer(
      "Examples:\n  moesim model list\n  moesim model show deepseek-v3\n  moesim model import config.json");
  return [arguments, import_arguments, list_app, import_app] {
    if (import_app->parsed()) return import_model(*import_arguments);
    return list_app->parsed() ? list(*arguments) : show(*arguments);
  };
}

}  // namespace moesim::cli
