// moesim calibration import nccl-tests|deepep|deepgemm|flashmla
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/import/logs/import_logs.hpp"
#include "calib/profile/profile_text.hpp"
#include "cli/calibration_command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

struct LogArguments {
  const LogFormat* format = nullptr;
  std::vector<std::string> files;
  std::string gpu;
  std::string base;
  std::string name;
  std::string source;
  std::string output;
  std::string json;
  std::uint64_t ep = 0;
  std::uint64_t tokens = 128;
  std::uint64_t hidden = 7168;
  std::uint64_t top_k = 8;
};

constexpr std::size_t kLinesShown = 20;
constexpr std::uint64_t kMostRanks = 1 << 20;

Json report_json(const LogReport& report) {
  Json files = Json::array(), operators = Json::array(), suspects = Json::array();
  for (const LogCount& log : report.files) {
    Json reasons = Json::object();
    for (const auto& [reason, rows] : log.reasons) reasons[reason] = rows;
    files.push_back({{"file", log.file},
                     {"device", log.device},
                     {"rows", log.read},
                     {"unused", log.unused},
                     {"suspect", log.suspect},
                     {"unused_because", std::move(reasons)}});
  }
  for (const LogOperatorCount& row : report.operators)
    operators.push_back({{"name", row.name}, {"points", row.points}});
  for (const SuspectPoint& row : report.suspects)
    suspects.push_back({{"file", row.file}, {"place", row.place}, {"reason", row.reason}});
  return {{"files", std::move(files)},
          {"operators", std::move(operators)},
          {"suspect", std::move(suspects)},
          {"warnings", report.warnings}};
}

std::string cost_text(double cost) {
  return cost < 1e-8 ? fmt::format("{:.4g} GB/s", 1e-9 / cost) : fmt::format("{:.4g} us", cost * 1e6);
}

void add_lines(std::string& text, const std::vector<std::string>& lines, std::string_view what) {
  for (std::size_t i = 0; i < lines.size() && i < kLinesShown; ++i) text += lines[i];
  if (lines.size() > kLinesShown)
    text += fmt::format("and {} more {}; --json lists all\n", lines.size() - kLinesShown, what);
}

std::string report_text(const LogReport& report, const GpuFacts& gpu, const std::string& output) {
  TextTable files{
      {{"rows", Align::right}, {"unused", Align::right}, {"suspect", Align::right}, {"GPU"}, {"file"}}, {}};
  std::vector<std::string> reasons, suspects, warnings;
  bool nameless = false;
  for (const LogCount& log : report.files) {
    nameless = nameless || log.device.empty();
    files.rows.push_back({fmt::format("{}", log.read), fmt::format("{}", log.unused),
                          fmt::format("{}", log.suspect), log.device.empty() ? "-" : log.device, log.file});
    for (const auto& [reason, rows] : log.reasons)
      reasons.push_back(fmt::format("unused: {}: {} rows: {}\n", log.file, rows, reason));
  }
  TextTable operators{
      {{"operator"}, {"points", Align::right}, {"fastest", Align::right}, {"slowest", Align::right}}, {}};
  for (const LogOperatorCount& row : report.operators)
    operators.rows.push_back(
        {row.name, fmt::format("{}", row.points), cost_text(row.fastest), cost_text(row.slowest)});
  for (const SuspectPoint& row : report.suspects)
    suspects.push_back(fmt::format("suspect: {}: {}: {}\n", row.file, row.place, row.reason));
  for (const std::string& warning : report.warnings)
    warnings.push_back(fmt::format("warning: {}\n", warning));
  std::string text = plain_text(files) + "\n" + plain_text(operators) + "\n";
  add_lines(text, reasons, "reasons");
  add_lines(text, suspects, "suspect rows");
  add_lines(text, warnings, "warnings");
  if (nameless) text += fmt::format("no GPU in the log: taken as timed on {}\n", gpu.name);
  return text + fmt::format("wrote {}\n", output);
}

ExitCode import_them(const LogArguments& arguments) {
  if (arguments.gpu.empty() && arguments.base.empty()) throw UsageError("give --gpu or --base");
  std::vector<NamedPath> inputs{{"--gpu", arguments.gpu}, {"--base", arguments.base}};
  for (const std::string& file : arguments.files) inputs.push_back({"FILE", file});
  require_distinct(inputs, {{"--output", arguments.output}, {"--json", arguments.json}});
  LogImport import;
  import.format = arguments.format;
  import.files.assign(arguments.files.begin(), arguments.files.end());
  import.name = arguments.name;
  import.source = arguments.source;
  if (!arguments.base.empty()) import.base = read_profile_file(arguments.base);
  if (!arguments.gpu.empty()) import.gpu = read_spec<GpuFacts>(read_json_file(arguments.gpu), arguments.gpu);
  if (arguments.ep > 0) import.settings.ep = static_cast<double>(arguments.ep);
  import.settings.tokens = static_cast<double>(arguments.tokens);
  import.settings.hidden = static_cast<double>(arguments.hidden);
  import.settings.top_k = static_cast<double>(arguments.top_k);
  Output points(arguments.output);
  Output json(arguments.json);
  LogReport report;
  const ProfileFile profile = import_logs(import, report);
  points.stream() << profile_text(profile);
  points.commit();
  write_result(json, report_json(report),
               points.is_stdout() ? "" : report_text(report, profile.gpu, arguments.output));
  return ExitCode::kDone;
}

void add_transfer_options(CLI::App& app, LogArguments& arguments) {
  const auto count = [&](const char* name, std::uint64_t& target, const char* doc, std::uint64_t low) {
    CLI::Option* option = app.add_option(name, target, doc)->type_name("N");
    require_whole_number(*option, low, kMostRanks);
    return option;
  };
  count("--ep", arguments.ep, "Ranks of the run, which the first version does not print", 2);
  count("--tokens", arguments.tokens, "Tokens of a rank in low-latency mode", 1)->capture_default_str();
  count("--hidden", arguments.hidden, "Hidden size in low-latency mode", 1)->capture_default_str();
  count("--top-k", arguments.top_k, "Experts of a token in low-latency mode", 1)->capture_default_str();
}

Action declare_log(CLI::App& app, std::string_view name) {
  const auto arguments = std::make_shared<LogArguments>();
  for (const LogFormat& format : log_formats())
    if (format.name == name) arguments->format = &format;
  app.add_option("files", arguments->files, "Logs of the program")->type_name("FILE")->required();
  add_file_option(app, "--gpu", arguments->gpu, "Datasheet of the GPU, a JSON object as the profile's gpu");
  add_file_option(app, "--base", arguments->base, "Profile to extend");
  require_text(
      *app.add_option("--name", arguments->name, "Name of the profile, by default that of the base"));
  require_text(*app.add_option("--source", arguments->source, "Source id of the logs' entries")->required());
  if (arguments->format->transfers) add_transfer_options(app, *arguments);
  add_file_option(app, "-o,--output", arguments->output, "Profile to write")->required();
  add_json_option(app, arguments->json);
  app.footer(
      fmt::format("Reads lines as\n  {}\n\nExamples:\n  moesim calibration import {} run.txt --base "
                  "calib/profiles/h100-sxm.json --name my-h100 --source my-run{} -o my-h100.json",
                  arguments->format->example, name, arguments->format->transfers ? " --ep 8" : ""));
  return [arguments] { return import_them(*arguments); };
}

}  // namespace

Action declare_import_nccl_tests(CLI::App& app) {
  return declare_log(app, "nccl-tests");
}
Action declare_import_deepep(CLI::App& app) {
  return declare_log(app, "deepep");
}
Action declare_import_deepgemm(CLI::App& app) {
  return declare_log(app, "deepgemm");
}
Action declare_import_flashmla(CLI::App& app) {
  return declare_log(app, "flashmla");
}

}  // namespace moesim::cli
