// moesim calibration import kernel-tables
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/import/import_tables.hpp"
#include "cli/calibration_command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

struct ImportArguments {
  std::vector<std::string> files;
  std::string gpu;
  std::string base;
  std::string name;
  std::string source = "kernel-tables";
  std::string output;
  std::string json;
};

Json report_json(const ImportReport& report) {
  Json tables = Json::array(), suspects = Json::array();
  for (const TableCount& count : report.tables) {
    tables.push_back({{"file", count.file},
                      {"table", count.table},
                      {"rows", count.read},
                      {"unused", count.unused},
                      {"suspect", count.suspect},
                      {"regraded", count.regraded}});
  }
  for (const SuspectRow& row : report.suspects)
    suspects.push_back({{"file", row.file}, {"line", row.line}, {"reason", row.reason}});
  return {{"tables", std::move(tables)}, {"suspect", std::move(suspects)}};
}

constexpr std::size_t kSuspectsShown = 20;

std::string report_text(const ImportReport& report, const std::string& output) {
  TextTable tables{{{"table"},
                    {"rows", Align::right},
                    {"unused", Align::right},
                    {"suspect", Align::right},
                    {"regraded", Align::right},
                    {"file"}},
                   {}};
  for (const TableCount& count : report.tables) {
    tables.rows.push_back({count.table, fmt::format("{}", count.read), fmt::format("{}", count.unused),
                           fmt::format("{}", count.suspect), fmt::format("{}", count.regraded), count.file});
  }
  std::string text = plain_text(tables) + "\n";
  for (std::size_t i = 0; i < report.suspects.size() && i < kSuspectsShown; ++i) {
    const SuspectRow& row = report.suspects[i];
    text += fmt::format("suspect: {}:{}: {}\n", row.file, row.line, row.reason);
  }
  if (report.suspects.size() > kSuspectsShown)
    text +=
        fmt::format("and {} more suspect rows; --json lists all\n", report.suspects.size() - kSuspectsShown);
  return text + fmt::format("wrote {}\n", output);
}

ExitCode import_them(const ImportArguments& arguments) {
  if (arguments.gpu.empty() && arguments.base.empty()) throw UsageError("give --gpu or --base");
  std::vector<NamedPath> inputs{{"--gpu", arguments.gpu}, {"--base", arguments.base}};
  for (const std::string& file : arguments.files) inputs.push_back({"FILE", file});
  require_distinct(inputs, {{"--output", arguments.output}, {"--json", arguments.json}});
  TableImport import;
  import.files.assign(arguments.files.begin(), arguments.files.end());
  import.name = arguments.name;
  import.source = arguments.source;
  if (!arguments.base.empty()) import.base = read_profile_file(arguments.base);
  if (!arguments.gpu.empty()) import.gpu = read_spec<GpuFacts>(read_json_file(arguments.gpu), arguments.gpu);
  Output profile(arguments.output);
  Output json(arguments.json);
  ImportReport report;
  profile.stream() << profile_text(import_tables(import, report));
  profile.commit();
  const std::string text = profile.is_stdout() ? "" : report_text(report, arguments.output);
  write_result(json, report_json(report), text);
  return ExitCode::kDone;
}

void add_import_options(CLI::App& app, ImportArguments& arguments) {
  app.add_option("files", arguments.files, "Tables as CSV, perhaps compressed by gzip")
      ->type_name("FILE")
      ->required();
  add_file_option(app, "--gpu", arguments.gpu, "Datasheet of the GPU, a JSON object as the profile's gpu");
  add_file_option(app, "--base", arguments.base, "Profile to extend");
  require_text(*app.add_option("--name", arguments.name, "Name of the profile, by default that of the base"));
  require_text(*app.add_option("--source", arguments.source, "Source id of the tables' entries")
                    ->capture_default_str());
  add_file_option(app, "-o,--output", arguments.output, "Points to write, for moesim calibration fit")
      ->required();
  add_json_option(app, arguments.json);
  app.footer(
      "Examples:\n"
      "  moesim calibration import kernel-tables gemm.csv.gz nccl.csv.gz --gpu h100.json --name my-h100 "
      "-o my-h100-points.json\n"
      "  moesim calibration import kernel-tables tables/*.csv.gz --base calib/import/bases/h100-sxm.json "
      "--source h100-kernel-tables -o h100-points.json");
}

}  // namespace

Action declare_import_kernel_tables(CLI::App& app) {
  const auto arguments = std::make_shared<ImportArguments>();
  add_import_options(app, *arguments);
  return [arguments] { return import_them(*arguments); };
}

}  // namespace moesim::cli
