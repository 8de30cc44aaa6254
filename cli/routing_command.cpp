#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/routing_report.hpp"
#include "cli/scenario_arguments.hpp"
#include "models/model_spec.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim::cli {
namespace {

constexpr std::uint64_t kMostTokens = 1 << 24;

struct RoutingArguments {
  ScenarioArguments scenario;
  std::vector<double> spreads{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1};
  CurveOptions curve;
  std::string ids;
  std::string model;
  int layers = 0;
  TopicFitOptions fit;
  std::optional<std::uint64_t> seed;
  std::string json;
};

ExitCode draw_curve(const RoutingArguments& arguments) {
  const std::string file = scenario_file(arguments.scenario);
  require_distinct({{"SCENARIO", file}}, {{"--json", arguments.json}});
  for (std::size_t i = 1; i < arguments.spreads.size(); ++i) {
    if (arguments.spreads[i] <= arguments.spreads[i - 1])
      throw UsageError("--spread: give spreads in ascending order");
  }
  Output json(arguments.json);
  const Json document = read_scenario(file, arguments.scenario);
  if (const ScenarioKind& kind = kind_of(document, file); kind.name != "training") {
    throw SpecError(file, "/kind", fmt::format("a scenario of kind {} has no step's expert group", kind.name),
                    "use a training scenario");
  }
  auto scenario = read_spec<TrainingScenario>(document, file);
  if (arguments.seed) scenario.seed = *arguments.seed;
  const TrainingInputs inputs = load_training(scenario, file, {}, MemoryCheck::skipped);
  if (inputs.model().num_experts == 0)
    throw SpecError(file, "/model", fmt::format("{} has no experts", inputs.model().name),
                    "use a scenario of a mixture of experts");
  if (inputs.group.num_ranks < 2)
    throw SpecError(file, "/layout/ep", "has no expert group of several ranks",
                    "use a scenario with ep above 1");
  const RoutingCurve curve = routing_curve(inputs, arguments.spreads, arguments.curve);
  write_result(json, curve_json(curve), curve_text(curve));
  return ExitCode::kDone;
}

ExitCode fit(const RoutingArguments& arguments) {
  require_distinct({{"IDS_FILE", arguments.ids}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  const ModelSpec model = load_model(arguments.model);
  if (model.num_experts == 0) throw UsageError(fmt::format("--model: {} has no experts", arguments.model));
  const bool raw = !arguments.ids.ends_with(".npy");
  ExpertIdsShape shape;
  shape.num_experts = model.num_experts;
  shape.top_k = model.top_k;
  shape.num_layers = arguments.layers > 0 || !raw ? arguments.layers : model.num_moe_layers();
  ExpertIdsReader reader(arguments.ids, shape);
  constexpr std::int64_t kLeastDocuments = 4;
  if (reader.num_tokens() < kLeastDocuments * arguments.fit.tokens_per_document) {
    throw SpecError(arguments.ids, "", fmt::format("has {} tokens, no four documents", reader.num_tokens()),
                    "record more tokens, or give a smaller --document");
  }
  TopicFitOptions options = arguments.fit;
  if (arguments.seed) options.seed = *arguments.seed;
  const TopicFit fitted = fit_topics(reader, gate_of(model), options);
  if (fitted.beyond_groups > 0) {
    throw SpecError(arguments.ids, "",
                    fmt::format("{} choices of a token reach more than the {} groups that {} keeps",
                                fitted.beyond_groups, model.topk_groups, model.name),
                    "give the model that was recorded");
  }
  write_result(json, fit_json(fitted, options), fit_text(fitted, options));
  return ExitCode::kDone;
}

/// What is wrong with one spread; nothing where it is right.
std::string check_spread(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && value >= 0 && std::isfinite(value)) return {};
  return fmt::format("'{}' is no spread of 0 or more", text);
}

void add_document_options(CLI::App& app, int& num_topics, std::int64_t& tokens) {
  require_whole_number(*app.add_option("--topics", num_topics, "Topics, one for a document")
                            ->type_name("N")
                            ->capture_default_str(),
                       2, 4096);
  require_whole_number(
      *app.add_option("--document", tokens, "Tokens of a document")->type_name("N")->capture_default_str(), 2,
      kMostTokens);
}

void add_curve_options(CLI::App& app, RoutingArguments& arguments) {
  app.add_option("scenario", arguments.scenario.path,
                 "Training scenario file, name of a shipped one, or - for standard input")
      ->type_name("SCENARIO|-")
      ->required();
  add_change_option(app, "--set", arguments.scenario.changes,
                    "Change one value of the scenario, as /layout/ep=32; may be repeated");
  app.add_option("--spread", arguments.spreads, "Topic spreads, ascending")
      ->type_name("X,X,...")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_spread, ""));
  add_document_options(app, arguments.curve.num_topics, arguments.curve.tokens_per_document);
  app.footer(
      "A topic spread is the standard deviation of an expert's logit over documents, where that of tokens is "
      "1. A scenario with simulated routing has its own topics and documents.\n"
      "\n"
      "Examples:\n"
      "  moesim routing curve deepseek-v3-pretrain-2048xh800\n"
      "  moesim routing curve scenario.json --spread 0,0.25,0.5 --topics 256 --json -");
}

void add_fit_options(CLI::App& app, RoutingArguments& arguments) {
  app.add_option("ids", arguments.ids, "Recorded ids of experts, .npy or raw uint16")
      ->type_name("IDS_FILE")
      ->required();
  require_text(
      *app.add_option("--model", arguments.model, "Model that was recorded")->type_name("NAME")->required());
  require_whole_number(
      *app.add_option("--layers", arguments.layers, "Layers in the file; 0: as it says, or the model's")
           ->type_name("N")
           ->capture_default_str(),
      0, 4096);
  add_document_options(app, arguments.fit.num_topics, arguments.fit.tokens_per_document);
  require_whole_number(*app.add_option("--documents", arguments.fit.most_documents, "Documents read at most")
                            ->type_name("N")
                            ->capture_default_str(),
                       4, 1 << 20);
  app.footer(
      "Documents of equal length follow each other in the file, [token][layer][choice].\n"
      "\n"
      "Examples:\n"
      "  moesim routing fit ids.npy --model qwen3-235b-a22b --document 2048");
}

}  // namespace

Action declare_routing(CLI::App& app) {
  const auto arguments = std::make_shared<RoutingArguments>();
  app.require_subcommand(1);
  CLI::App* curve_app = app.add_subcommand("curve", "Imbalance of expert groups against topic spread");
  add_curve_options(*curve_app, *arguments);
  CLI::App* fit_app = app.add_subcommand("fit", "Fit topic spread and popularity to recorded choices");
  add_fit_options(*fit_app, *arguments);
  add_seed_option(*curve_app, arguments->seed);
  require_whole_number(
      *fit_app->add_option("--seed", arguments->seed, "Seed of the draws; 1 when absent")->type_name("N"), 0,
      std::numeric_limits<std::uint64_t>::max());
  for (CLI::App* sub : {curve_app, fit_app}) add_json_option(*sub, arguments->json);
  app.footer("Examples:\n  moesim routing curve deepseek-v3-pretrain-2048xh800");
  return [arguments, curve_app] { return curve_app->parsed() ? draw_curve(*arguments) : fit(*arguments); };
}

}  // namespace moesim::cli
