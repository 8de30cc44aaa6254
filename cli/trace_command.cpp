#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "workloads/requests/request_source.hpp"
#include "workloads/requests/trace_figures.hpp"

namespace moesim::cli {
namespace {

struct TraceArguments {
  std::string path;
  std::string output;
  std::string json;
  std::uint64_t seed = 1;
};

std::string lengths_row(const char* name, const Json& lengths) {
  if (lengths.is_null()) return {};
  return fmt::format("{:<16} mean {:.1f}, p50 {}, p90 {}, longest {}\n", name,
                     lengths.at("mean").get<double>(), lengths.at("p50").get<std::int64_t>(),
                     lengths.at("p90").get<std::int64_t>(), lengths.at("max").get<std::int64_t>());
}

std::string figures_text(const Json& figures) {
  std::string text =
      fmt::format("{:<16} {}\n{:<16} {:.1f} s, {:.3f} requests/s\n", "requests",
                  figures.at("requests").get<std::int64_t>(), "span", figures.at("span_s").get<double>(),
                  figures.at("requests_per_s").get<double>());
  text += lengths_row("input tokens", figures.at("input_tokens"));
  text += lengths_row("output tokens", figures.at("output_tokens"));
  if (!figures.contains("prefix_hit_fraction")) return text;
  const Json& hits = figures.at("prefix_hit_fraction");
  return text + fmt::format("{:<16} {:.1f} % of blocks, {:.1f} % of tokens, if nothing is forgotten\n",
                            "prefix hits", 100 * hits.at("blocks").get<double>(),
                            100 * hits.at("tokens").get<double>());
}

ExitCode show(const TraceArguments& arguments) {
  require_distinct({{"TRACE", arguments.path}}, {{"--json", arguments.json}});
  Output json(arguments.json);
  WorkloadSpec spec;
  spec.trace = arguments.path;
  OpenedWorkload opened = open_workload(spec, "", arguments.seed);
  Json document{{"schema_version", 1}, {"kind", "trace"}, {"trace", arguments.path}};
  document["figures"] = trace_figures(*opened.source);
  document["warnings"] = opened.warnings;
  std::string text = figures_text(document["figures"]);
  for (const std::string& warning : opened.warnings) text += fmt::format("{:<16} {}\n", "warning", warning);
  write_result(json, document, text);
  return ExitCode::kDone;
}

/// The workload of a document: itself, or that of a serving scenario.
WorkloadSpec read_workload(const std::string& path) {
  const Json document = read_document(path);
  if (document.is_object() && document.contains("workload"))
    return read_spec<WorkloadSpec>(document.at("workload"), path, "/workload");
  return read_spec<WorkloadSpec>(document, path);
}

ExitCode generate(const TraceArguments& arguments) {
  require_distinct({{"WORKLOAD", arguments.path}}, {{"-o", arguments.output}});
  const WorkloadSpec spec = read_workload(arguments.path);
  if (!spec.trace && !spec.arrivals)
    throw SpecError(arguments.path, "/arrivals", "only requests that come by themselves make a trace",
                    "give arrivals");
  if (!spec.requests && !spec.duration && !spec.trace)
    throw SpecError(arguments.path, "/requests", "the workload never ends", "give requests or a duration");
  Output output(arguments.output);
  OpenedWorkload opened = open_workload(spec, arguments.path, arguments.seed);
  write_mooncake(*opened.source, output.stream(), arguments.path);
  output.commit();
  return ExitCode::kDone;
}

}  // namespace

Action declare_trace(CLI::App& app) {
  const auto arguments = std::make_shared<TraceArguments>();
  app.require_subcommand(1);
  CLI::App* show_app = app.add_subcommand("show", "What the requests of a trace are like");
  show_app
      ->add_option("trace", arguments->path, "Mooncake JSONL, Azure CSV or BurstGPT CSV, plain or gzipped")
      ->type_name("TRACE")
      ->required();
  add_json_option(*show_app, arguments->json);
  show_app->footer("Examples:\n  moesim trace show workloads/traces/conversation-small.jsonl");
  CLI::App* made_app = app.add_subcommand("generate", "A trace of a workload, as Mooncake's JSONL");
  made_app->add_option("workload", arguments->path, "Workload file, or a serving scenario")
      ->type_name("WORKLOAD")
      ->required();
  require_text(*made_app->add_option("-o", arguments->output, "Write the trace there; - is standard output")
                    ->type_name("FILE|-")
                    ->required());
  require_whole_number(*made_app->add_option("--seed", arguments->seed, "Seed of the draws")
                            ->type_name("N")
                            ->capture_default_str(),
                       0, std::numeric_limits<std::uint64_t>::max());
  made_app->footer(
      "Examples:\n  moesim trace generate workloads/traces/conversation-small.workload.json -o trace.jsonl");
  app.footer("Examples:\n  moesim trace show workloads/traces/conversation-small.jsonl");
  return [arguments, show_app] { return show_app->parsed() ? show(*arguments) : generate(*arguments); };
}

}  // namespace moesim::cli
