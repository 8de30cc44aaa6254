#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/page_report.hpp"
#include "reports/pictures/load_result.hpp"

namespace moesim::cli {
namespace {

using namespace pictures;

struct ReportArguments {
  std::string result;
  std::string output;
  std::string picture;
  std::string panel = "all";
  std::string size = "1600x1000";
  std::string theme = "light";
  std::string scale = "auto";
  std::optional<std::string> most;
  std::optional<int> layer;
  std::optional<std::int64_t> step;
  bool sorted = false;
};

/// The row of that name in a table that holds it.
template <class Table>
std::size_t place_in(const Table& table, const std::string& name) {
  const auto found = std::ranges::find_if(table, [&](const auto& row) { return row.name == name; });
  return static_cast<std::size_t>(found - table.begin());
}

template <class Table>
std::vector<std::string> names_in(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

/// All of a text as a number, or nothing.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size()) return {};
  return number;
}

struct PictureSize {
  int width = 0;
  int height = 0;
};

/// "1600x1000", nothing where it is none or out of range.
std::optional<PictureSize> size_of(std::string_view text) {
  const std::size_t cross = text.find('x');
  if (cross == std::string_view::npos) return {};
  const std::optional<int> width = number_of<int>(text.substr(0, cross));
  const std::optional<int> height = number_of<int>(text.substr(cross + 1));
  if (!width || !height || *width < kMinWidth || *height < kMinHeight || *width > kMaxSide ||
      *height > kMaxSide)
    return {};
  return PictureSize{*width, *height};
}

std::string fault_of_size(const std::string& text) {
  if (size_of(text)) return {};
  return fmt::format("'{}' is no WIDTHxHEIGHT from {}x{} to {}x{}", text, kMinWidth, kMinHeight, kMaxSide,
                     kMaxSide);
}

std::string fault_of_most(const std::string& text) {
  const std::optional<double> most = number_of<double>(text);
  if (most && std::isfinite(*most) && *most > 1) return {};
  return fmt::format("'{}' is no number above 1", text);
}

std::string fault_of_output(const std::string& path) {
  if (picture_format(path) || is_page_output(path)) return {};
  return fmt::format("'{}' ends in none of .html, .md, .csv and, with --picture, .{}", path,
                     fmt::join(picture_extensions(), ", ."));
}

LoadPictureOptions options_of(const ReportArguments& arguments) {
  const PictureSize size = *size_of(arguments.size);
  LoadPictureOptions options;
  options.format = *picture_format(arguments.output);
  options.width = size.width;
  options.height = size.height;
  options.theme = &kThemes[place_in(kThemes, arguments.theme)];
  options.panel = static_cast<LoadPanel>(place_in(kLoadPanels, arguments.panel));
  options.layer = arguments.layer;
  options.step = arguments.step;
  options.sorted = arguments.sorted;
  options.scale = static_cast<LoadScale>(place_in(kLoadScales, arguments.scale));
  if (arguments.most) options.most = number_of<double>(*arguments.most);
  return options;
}

/// Throws UsageError where the output and --picture want different things.
void check_form(const ReportArguments& arguments) {
  if (arguments.picture.empty() == is_page_output(arguments.output)) return;
  throw UsageError(arguments.picture.empty()
                       ? "a picture needs --picture; a report ends in .html, .md or .csv"
                       : fmt::format("--picture writes .{}", fmt::join(picture_extensions(), ", .")));
}

ExitCode report(const ReportArguments& arguments) {
  check_form(arguments);
  const std::filesystem::path folder = arguments.result;
  require_distinct({{"RESULT", record_file(folder).string()}, {"RESULT", (folder / "summary.json").string()}},
                   {{"OUT", arguments.output}});
  Output output(arguments.output);
  if (arguments.picture.empty()) {
    output.stream() << page_report(arguments.result, arguments.output);
  } else {
    const LoadPicture& picture = kLoadPictures[place_in(kLoadPictures, arguments.picture)];
    output.stream() << draw_result(picture, arguments.result, options_of(arguments));
  }
  output.commit();
  return ExitCode::kDone;
}

void add_picture_options(CLI::App& app, ReportArguments& arguments) {
  require_one_of(*app.add_option("--panel", arguments.panel, "Which part of it")->capture_default_str(),
                 names_in(kLoadPanels));
  CLI::Option* layer =
      app.add_option("--layer", arguments.layer, "Layer over steps; by default the most imbalanced one");
  require_whole_number(*layer->type_name("N"), 0, 32767);
  CLI::Option* step = app.add_option("--step", arguments.step, "Step of all layers; by default the last one");
  require_whole_number(*step->type_name("N"), 0, std::numeric_limits<std::int64_t>::max());
  app.add_flag("--sort", arguments.sorted, "Rows by their tokens over all steps, the heaviest at the top");
  require_one_of(*app.add_option("--scale", arguments.scale,
                                 "Of colours and MaxVio; auto: " + std::string(kLoadScales[0].doc))
                      ->capture_default_str(),
                 names_in(kLoadScales));
  app.add_option("--max", arguments.most, "Load over the mean that has the last colour, with all above it")
      ->type_name("X")
      ->check(CLI::Validator(fault_of_most, ""));
  app.add_option("--size", arguments.size, "Pixels of the picture")
      ->type_name("WIDTHxHEIGHT")
      ->capture_default_str()
      ->check(CLI::Validator(fault_of_size, ""));
  require_one_of(*app.add_option("--theme", arguments.theme, "Colours around it")->capture_default_str(),
                 names_in(kThemes));
}

void add_options(CLI::App& app, ReportArguments& arguments) {
  require_text(*app.add_option("result", arguments.result,
                               "Folder of `moesim run -o`, its records.moesim, a file of --json, or a sweep")
                    ->type_name("RESULT")
                    ->required());
  app.add_option(
         "out,-o,--output", arguments.output,
         "Report or picture to write; its extension says what: html, md, csv; with --picture png, svg, pdf")
      ->type_name("OUT")
      ->required()
      ->check(CLI::Validator(fault_of_output, ""));
  CLI::Option* picture = app.add_option("--picture", arguments.picture, "What is drawn, instead of a report");
  require_one_of(*picture, names_in(kLoadPictures));
  add_picture_options(app, arguments);
  for (CLI::Option* option : app.get_options()) {
    const bool of_pictures = !option->get_positional() && option != picture && option != app.get_help_ptr();
    if (of_pictures) option->needs(picture);
  }
}
/// "  expert-load  tokens of experts" for each picture and panel.
std::string tables_text() {
  std::string text = "Pictures:\n";
  for (const LoadPicture& picture : kLoadPictures)
    text += fmt::format("  {:<22}{}\n", picture.name, picture.doc);
  text += "\nPanels:\n";
  for (const NamedChoice& panel : kLoadPanels) text += fmt::format("  {:<22}{}\n", panel.name, panel.doc);
  return text;
}

}  // namespace

Action declare_report(CLI::App& app) {
  const auto arguments = std::make_shared<ReportArguments>();
  add_options(app, *arguments);
  app.footer(
      tables_text() +
      "\n"
      "Colours are loads over the mean of their layer and step. A pixel shows the greatest of its cells, so\n"
      "no peak is lost. MaxVio of a step is (max - mean) / mean.\n"
      "\n"
      "Examples:\n"
      "  moesim run deepseek-v3-pretrain-2048xh800 --waterfall -o out/v3\n"
      "  moesim report out/v3 -o v3.html\n"
      "  moesim run deepseek-v3-routing-loss-free -o out/loss-free\n"
      "  moesim report out/loss-free --picture expert-load expert-load.png\n"
      "  moesim report out/loss-free --picture expert-load --step 100 --sort expert-load.svg\n"
      "  moesim report out/loss-free --picture gpu-load --panel violation --scale log --theme dark "
      "gpus.png");
  return [arguments] { return report(*arguments); };
}

}  // namespace moesim::cli
