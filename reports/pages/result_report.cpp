#include "reports/pages/result_report.hpp"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "reports/pages/json_facts.hpp"
#include "reports/pages/sections.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

struct SectionRule {
  std::string_view id;
  std::string_view title;  ///< empty: stands without one
  void (*add)(const ReportInput& input, ReportSection& section);
};

/// Every section in its order. Adding one is a row here.
constexpr auto kSections = std::to_array<SectionRule>({
    {"key-figures", "", add_key_figures},
    {"warnings", "Warnings", add_warnings},
    {"search", "Best layouts", add_search},
    {"pareto", "Pareto front", add_pareto},
    {"capacity", "Fleet", add_capacity},
    {"sensitivity", "What moves the figure", add_sensitivity},
    {"waterfall", "Where the time goes", add_waterfall},
    {"pipeline", "Pipeline", add_pipeline},
    {"latency", "Latency", add_latency},
    {"curves", "Over time", add_curves},
    {"expert-load", "Expert load", add_expert_load},
    {"links", "Link use", add_links},
    {"memory", "Memory", add_memory},
    {"summary", "Summary", add_summary},
    {"intervals", "Intervals", add_intervals},
    {"origin", "Origin of the times", add_origin},
    {"constants", "Constants", add_constants},
    {"inputs", "Inputs", add_inputs},
    {"others", "Other parts", add_other_parts},
});

void require_result(const ReportInput& input) {
  const Json& document = *input.document;
  constexpr const char* kHint = "name a folder of `moesim run -o`, or a file of --json";
  if (!document.is_object() || !member_of(document, "kind").is_string() ||
      !member_of(document, "schema_version").is_number_integer())
    throw SpecError(input.source, "", "is no result: it lacks kind and schema_version", kHint);
  if (text_at(document, "kind") == "validation") {
    throw SpecError(input.source, "/kind", "a validation is not reported as a page",
                    "`moesim validate` prints its table, and writes it with --csv FILE");
  }
  const auto version = member_of(document, "schema_version").get<std::int64_t>();
  if (version > kSchemaVersion) {
    throw SpecError(input.source, "/schema_version",
                    fmt::format("{} is newer than the {} that this program reads", version, kSchemaVersion),
                    "use the moesim that wrote it");
  }
  const bool has_figures =
      member_of(document, "summary").is_object() || member_of(document, "inputs").is_array();
  if (!has_figures) {
    throw SpecError(input.source, "", "is no result: it has no summary",
                    member_of(document, "layout").is_object() || member_of(document, "deployment").is_object()
                        ? "this is a scenario: `moesim run` makes a result of it"
                        : kHint);
  }
}

std::string title_of(const Json& document) {
  std::string title = result_heading(document);
  const std::string figure = text_of(member_of(document, "figure"));
  if (!figure.empty()) title += " of " + figure;
  return title;
}

std::string footer_of(const ReportInput& input) {
  const Json& document = *input.document;
  std::string text = "moesim " + text_of(member_of(document, "moesim_version"));
  const std::string seed = text_of(member_of(document, "seed"));
  if (!seed.empty()) text += ", seed " + seed;
  const Json& engine = member_of(document, "engine");
  const std::string name = engine.is_object() ? text_of(member_of(engine, "name")) : text_of(engine);
  if (!name.empty()) text += ", engine " + name;
  for (const auto& [key, what] :
       {std::pair{"num_gpus", "GPUs simulated"}, {"num_operations", "operations"}}) {
    const Json& count = member_of(engine, key);
    if (count.is_number())
      text += fmt::format(", {} {}", metric_text(count.get<double>(), MetricUnit::count), what);
  }
  return text + ". Report of " + input.source + ".";
}

}  // namespace

Report result_report(const ReportInput& input) {
  require_result(input);
  Report report{title_of(*input.document), {}, footer_of(input)};
  for (const SectionRule& rule : kSections) {
    ReportSection section{std::string(rule.id), std::string(rule.title), {}};
    rule.add(input, section);
    if (!section.empty()) report.sections.push_back(std::move(section));
  }
  return report;
}

}  // namespace moesim
