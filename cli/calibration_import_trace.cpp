// moesim calibration import trace
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/import/trace/trace_import.hpp"
#include "calib/profile/data_file.hpp"
#include "calib/profile/profile_text.hpp"
#include "cli/calibration_command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/traced_job.hpp"

namespace moesim::cli {
namespace {

struct TraceArguments {
  std::string file;
  std::string base;
  std::string stack;
  ScenarioArguments scenario;
  std::string name;
  int num_steps = 2;
  int device = -1;
  std::string mark;
  std::string output;
  std::string stack_output;
  std::string json;
};

/// "H100" of "NVIDIA H100 80GB HBM3": the first word with a digit.
std::string model_word(const std::string& gpu) {
  std::string word;
  for (const char c : gpu + " ") {
    if (c != ' ' && c != '-') {
      word += c;
      continue;
    }
    if (word.find_first_of("0123456789") != std::string::npos) return word;
    word.clear();
  }
  return {};
}

/// Throws SpecError where the trace names another GPU than the base.
void check_gpu(const Trace& trace, const ProfileFile& base) {
  if (trace.gpu.empty() || model_word(trace.gpu) == model_word(base.gpu.name)) return;
  throw SpecError(trace.file, "",
                  fmt::format("a trace of '{}', the base is of '{}'", trace.gpu, base.gpu.name),
                  "give the profile of that GPU as --base");
}

TraceImport import_of(const TraceArguments& arguments) {
  TraceImport import;
  import.base = read_profile_file(find_data_file("calib/profiles", "profile", arguments.base));
  if (!arguments.stack.empty()) import.stack = load_stack(arguments.stack);
  import.name = arguments.name;
  import.source = arguments.name + "-trace";
  import.title = "Trace of " + std::filesystem::path(arguments.file).filename().string();
  return import;
}

ExitCode import_it(const TraceArguments& arguments) {
  if (arguments.stack.empty() != arguments.stack_output.empty())
    throw UsageError("--stack and --stack-output go together");
  require_distinct({{"FILE", arguments.file},
                    {"--base", arguments.base},
                    {"--stack", arguments.stack},
                    {"--scenario", arguments.scenario.path}},
                   {{"--output", arguments.output},
                    {"--stack-output", arguments.stack_output},
                    {"--json", arguments.json}});
  Output profile(arguments.output);
  Output stack(arguments.stack_output);
  Output json(arguments.json);
  const TraceImport import = import_of(arguments);
  const Trace trace = read_trace(arguments.file, {arguments.device, arguments.mark});
  check_gpu(trace, import.base);
  const ImportedTrace imported = import_trace(trace, traced_steps(trace, arguments.num_steps), import);
  profile.stream() << profile_text(imported.profile);
  profile.commit();
  if (imported.stack) {
    stack.stream() << write_spec_text(*imported.stack);
    stack.commit();
  }
  std::optional<JobComparison> job;
  if (!arguments.scenario.path.empty())
    job = compare_job(imported.report.lanes, arguments.scenario, arguments.output, arguments.stack_output);
  const std::string text = profile.is_stdout() ? ""
                                               : trace_report_text(imported.report, job) +
                                                     fmt::format("wrote {}\n", arguments.output);
  write_result(json, trace_report_json(imported.report, job), text);
  return ExitCode::kDone;
}

}  // namespace

Action declare_import_trace(CLI::App& app) {
  const auto arguments = std::make_shared<TraceArguments>();
  app.add_option(
         "file", arguments->file,
         "Chrome JSON of the PyTorch profiler, perhaps compressed by gzip, or SQLite of Nsight Systems")
      ->type_name("FILE")
      ->required();
  require_text(*app.add_option("--base", arguments->base,
                               "Profile of that GPU, name or file: what the trace does not time")
                    ->required());
  require_text(
      *app.add_option("--name", arguments->name, "Name of the private profile and stack")->required());
  add_file_option(app, "-o,--output", arguments->output, "Private profile to write")->required();
  require_text(
      *app.add_option("--stack", arguments->stack, "Stack, name or file, whose constants are fitted"));
  add_file_option(app, "--stack-output", arguments->stack_output, "Private stack to write");
  add_file_option(app, "--scenario", arguments->scenario.path,
                  "Training scenario that describes the job: its step is predicted and compared");
  add_change_option(app, "--set", arguments->scenario.changes, "Change the scenario");
  app.add_option("--steps", arguments->num_steps, "How many of the last marked steps are read")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--device", arguments->device, "GPU of the trace, by default the one with most kernels")
      ->check(CLI::NonNegativeNumber);
  require_text(
      *app.add_option("--mark", arguments->mark,
                      "What the name of a step's range starts with, by default ProfilerStep# or step"));
  add_json_option(app, arguments->json);
  app.footer(
      "Example:\n  moesim calibration import trace rank0.json.gz --base h100-sxm --stack "
      "megatron-core-deepep "
      "--name my-job -o my-job.json --stack-output my-stack.json --scenario my-scenario.json");
  return [arguments] { return import_it(*arguments); };
}

}  // namespace moesim::cli
