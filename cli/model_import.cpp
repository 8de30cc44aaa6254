#include "cli/model_import.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "cli/input.hpp"
#include "cli/model_report.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "models/hugging_face.hpp"

namespace moesim::cli {
namespace {

constexpr std::int64_t kSequenceLength = 4096;

HuggingFaceModel read_model_of(const ImportArguments& arguments) {
  const Json document = read_document(arguments.config);
  if (document.is_object() && document.contains("family")) {
    throw SpecError(arguments.config, "/family", "a model in the compact form already",
                    "name the file as the model of a scenario, or `moesim model show` it");
  }
  HuggingFaceModel model = import_hugging_face_config(document, arguments.config);
  if (arguments.config == "-") model.spec.name = "model";
  if (!arguments.name.empty()) model.spec.name = arguments.name;
  return model;
}

Json report_json(const HuggingFaceModel& model) {
  Json document = model_counts_json(model.spec, kSequenceLength);
  document["model"] = write_spec(model.spec);
  document["ignored"] = Json::object();
  for (const auto& [key, reason] : model.ignored) document["ignored"][key] = std::string(reason);
  document["unknown"] = model.unknown;
  return document;
}

std::string keys_text(const HuggingFaceModel& model) {
  std::map<std::string_view, std::vector<std::string>> by_reason;
  for (const auto& [key, reason] : model.ignored) by_reason[reason].push_back(key);
  std::string text;
  for (const auto& [reason, keys] : by_reason) {
    text += fmt::format("  {}: {}\n", reason, fmt::join(keys, ", "));
  }
  if (!text.empty()) text = "\nnot used\n" + text;
  if (model.unknown.empty()) return text;
  return text +
         fmt::format("\nunknown, and not used: {}\n  see that none of them changes a size or an operation\n",
                     fmt::join(model.unknown, ", "));
}

std::string report_text(const HuggingFaceModel& model, const std::string& output) {
  std::string text = model_counts_text(model.spec, kSequenceLength) + keys_text(model);
  if (!output.empty()) text += fmt::format("\nwritten to {}\n", output);
  return text;
}

}  // namespace

void add_import_options(CLI::App& app, ImportArguments& arguments) {
  app.add_option("config", arguments.config, "Hugging Face configuration, or - for standard input")
      ->type_name("FILE|-")
      ->required();
  add_file_option(app, "-o,--output", arguments.output,
                  "Write the model in its compact form, which a scenario can name");
  require_text(*app.add_option("--name", arguments.name, "What results call it; by default from the path")
                    ->type_name("NAME"));
  app.footer(
      "Examples:\n"
      "  moesim model import Qwen3-30B-A3B/config.json\n"
      "  moesim model import config.json --name my-model -o my-model.json");
}

ExitCode import_model(const ImportArguments& arguments) {
  require_distinct({{"FILE", arguments.config}},
                   {{"--output", arguments.output}, {"--json", arguments.json}});
  Output compact(arguments.output);
  Output json(arguments.json);
  const HuggingFaceModel model = read_model_of(arguments);
  if (compact.wanted()) {
    compact.stream() << write_spec_text(model.spec);
    compact.commit();
  }
  write_result(json, report_json(model), compact.is_stdout() ? "" : report_text(model, arguments.output));
  return ExitCode::kDone;
}

}  // namespace moesim::cli
