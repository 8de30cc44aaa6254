#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/spec.hpp"
#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/spec_kinds.hpp"

namespace moesim::cli {
namespace {

struct SpecArguments {
  std::vector<std::string> files;
  std::string file;
  std::string kind;
  std::string json;
};

Json check_row(const std::string& file, std::string_view kind, const Failure& failure) {
  Json row = {{"file", file}, {"kind", std::string(kind)}, {"valid", failure.faults.empty()}};
  row["faults"] = error_event(failure)["faults"];
  return row;
}

/// Checks one file; faults go to stderr. Every file is looked at, so this catches what it can report.
Json check_file(const std::string& file) {
  std::string_view kind;
  Failure failure;
  try {
    const Json document = read_document(file);
    const SpecFileKind& recognised = recognise(document, file);
    kind = recognised.name;
    recognised.resolve(document, file);
  } catch (const LocatedError&) {
    failure = failure_of(std::current_exception());
  }
  for (const Fault& fault : failure.faults) std::cerr << "moesim: " << fault.text() << '\n';
  return check_row(file, kind, failure);
}

ExitCode check(const SpecArguments& arguments) {
  std::vector<NamedPath> inputs;
  for (const std::string& file : arguments.files) inputs.push_back({"FILE", file});
  require_distinct(inputs, {{"--json", arguments.json}});
  Output json(arguments.json);
  Json rows = Json::array();
  bool all_valid = true;
  std::string text;
  for (const std::string& file : arguments.files) {
    Json row = check_file(file);
    if (row["valid"].get<bool>()) {
      text += fmt::format("{}: a sound {} file\n", file, row["kind"].get<std::string>());
    } else {
      all_valid = false;
    }
    rows.push_back(std::move(row));
  }
  write_result(json, {{"files", std::move(rows)}}, text);
  return all_valid ? ExitCode::kDone : ExitCode::kInvalid;
}

ExitCode show(const SpecArguments& arguments) {
  require_distinct({{"FILE", arguments.file}}, {{"--json", arguments.json}});
  const Json document = read_document(arguments.file);
  const Json resolved = recognise(document, arguments.file).resolve(document, arguments.file);
  write_document(arguments.json.empty() ? "-" : arguments.json, resolved);
  return ExitCode::kDone;
}

ExitCode schema(const SpecArguments& arguments) {
  Json document;
  write_schema(spec_file_kind(arguments.kind).description(), document);
  write_document(arguments.json.empty() ? "-" : arguments.json, document);
  return ExitCode::kDone;
}

std::string kinds_text() {
  std::string text = "Kinds:\n";
  for (const SpecFileKind& kind : spec_file_kinds())
    text += fmt::format("  {:<12} {}\n", kind.name, kind.doc);
  return text + '\n';
}

}  // namespace

Action declare_spec(CLI::App& app) {
  const auto arguments = std::make_shared<SpecArguments>();
  app.require_subcommand(1);
  CLI::App* check_app = app.add_subcommand("check", "Check files; their kind is recognised");
  check_app->add_option("files", arguments->files, "Files, or - for standard input")
      ->type_name("FILE|-")
      ->required();
  check_app->footer(
      "Examples:\n"
      "  moesim spec check scenario.json my-cluster.json\n"
      "  moesim spec check my-model/config.json --json -");
  CLI::App* show_app = app.add_subcommand("show", "Print a file with every default filled in");
  show_app->add_option("file", arguments->file, "File, or - for standard input")
      ->type_name("FILE|-")
      ->required();
  show_app->footer("Examples:\n  moesim spec show scenario.json");
  CLI::App* schema_app =
      app.add_subcommand("schema", "Print the JSON Schema (draft 2020-12) of a kind of file");
  schema_app->add_option("kind", arguments->kind, "Kind of file")->type_name("KIND")->required();
  schema_app->footer(kinds_text() + "Examples:\n  moesim spec schema training");
  for (CLI::App* sub : {check_app, show_app, schema_app}) add_json_option(*sub, arguments->json);
  app.footer(
      "Examples:\n  moesim spec check scenario.json\n  moesim spec schema cluster > cluster.schema.json");
  return [arguments, check_app, show_app] {
    if (check_app->parsed()) return check(*arguments);
    return show_app->parsed() ? show(*arguments) : schema(*arguments);
  };
}

}  // namespace moesim::cli
