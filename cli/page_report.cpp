#include "cli/page_report.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/spec.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"
#include "cli/constants_json.hpp"
#include "cli/input.hpp"
#include "cli/spec_kinds.hpp"
#include "reports/pages/json_facts.hpp"
#include "reports/pages/result_report.hpp"
#include "reports/pages/sweep_report.hpp"
#include "reports/pictures/load_result.hpp"
#include "reports/report_writers.hpp"
#include "sim/planner/sweep/sweep_document.hpp"
#include "sim/results/sweep_reader.hpp"

namespace moesim::cli {
namespace fs = std::filesystem;
namespace {

struct PageFormat {
  std::string_view extension;
  std::string (*write)(const Report& report);
};

constexpr auto kFormats = std::to_array<PageFormat>({
    {".html", report_html},
    {".md", report_markdown},
    {".csv", report_csv},
});

const PageFormat* format_of(std::string_view path) {
  const auto found = std::ranges::find_if(
      kFormats, [&](const PageFormat& format) { return path.ends_with(format.extension); });
  return found == kFormats.end() ? nullptr : &*found;
}

/// A result as it lies on disk.
struct ResultFiles {
  Json document;
  std::unique_ptr<StoreReader> records;
  fs::path records_file;
};

bool is_database(const fs::path& path) {
  constexpr std::string_view kMagic = "SQLite format 3";
  std::array<char, kMagic.size()> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return file.gcount() == static_cast<std::streamsize>(start.size()) &&
         std::string_view(start.data(), start.size()) == kMagic;
}

void open_records(const fs::path& path, ResultFiles& files) {
  try {
    files.records = std::make_unique<StoreReader>(path);
  } catch (const RunError& error) {
    throw SpecError(path.string(), "", error.what(),
                    "name a folder that `moesim run SCENARIO -o FOLDER` wrote");
  }
  files.records_file = path;
}

ResultFiles read_result(const fs::path& source) {
  ResultFiles files;
  std::error_code ignored;
  if (fs::is_directory(source, ignored)) {
    files.document = read_document((source / "summary.json").string());
    if (const fs::path records = pictures::record_file(source); fs::exists(records, ignored))
      open_records(records, files);
  } else if (is_database(source)) {
    open_records(source, files);
    files.document = parse_json(files.records->meta("summary"), source.string());
  } else if (source == "-" || fs::exists(source, ignored)) {
    files.document = read_document(source.string());
  } else {
    throw SpecError(source.string(), "", "is not there",
                    "name a folder of `moesim run -o`, a file of --json or the file of a sweep");
  }
  return files;
}

/// The schema of the scenario's kind; null where the document has none that is known.
Json schema_of_scenario(const Json& document) {
  const std::string kind = text_at(document, "scenario.kind");
  for (const SpecFileKind& known : spec_file_kinds()) {
    if (known.name != kind) continue;
    Json schema;
    write_schema(known.description(), schema);
    return schema;
  }
  return {};
}

/// The constants of the scenario's stack and calibration, as those files are now.
Json constants_of(const Json& document, std::string& note) {
  const std::string stack = text_at(document, "scenario.stack");
  const std::string calibration = text_at(document, "scenario.calibration");
  if (stack.empty() || calibration.empty()) return {};
  try {
    const Json listed = constants_json(list_constants(load_stack(stack), load_profile(calibration)));
    note = fmt::format("Of the stack {} and the calibration {}, as they are now.", stack, calibration);
    return listed.at("constants");
  } catch (const LocatedError& error) {
    note = fmt::format("Not shown, as the files that the scenario names cannot be read: {}", error.what());
    return {};
  }
}

/// Throws RunError for damaged records.
Report report_of_result(const std::string& source) {
  const ResultFiles files = read_result(source);
  ReportInput input;
  input.source = source;
  input.document = &files.document;
  input.records = files.records.get();
  input.records_file = files.records_file;
  const Json schema = schema_of_scenario(files.document);
  if (schema.is_object()) input.schema = &schema;
  const Json constants = constants_of(files.document, input.constants_note);
  if (constants.is_array()) input.constants = &constants;
  try {
    return result_report(input);
  } catch (const RunError& error) {
    throw RunError(source + ": " + error.what());
  }
}

Report report_of_sweep(const std::string& source) {
  const SweepReader sweep(source);
  const SweepFigure& figure = sweep_figure(sweep.meta("kind"));
  return sweep_report(sweep, source, std::string(figure.key), figure.higher_is_better);
}

}  // namespace

bool is_page_output(std::string_view path) {
  return format_of(path) != nullptr;
}

std::string page_report(const std::string& source, const std::string& output) {
  std::error_code ignored;
  const bool is_sweep = fs::is_regular_file(source, ignored) && is_sweep_file(source);
  return format_of(output)->write(is_sweep ? report_of_sweep(source) : report_of_result(source));
}

}  // namespace moesim::cli
