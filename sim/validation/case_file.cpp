#include "sim/validation/case_file.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "sim/validation/run_totals.hpp"

namespace moesim {
namespace {

namespace fs = std::filesystem;

std::optional<SpecIssue> fault_of(const PublishedValue& figure, CaseRole role, const std::string& pointer) {
  if (figure.value == 0)
    return SpecIssue{pointer + "/value", "a published value of 0 has no relative error", ""};
  if (role == CaseRole::range && figure.tolerance_fraction) {
    return SpecIssue{pointer + "/tolerance_fraction", "a range has no tolerance",
                     "it passes where its variants hold the value between them"};
  }
  if (role != CaseRole::range && !figure.tolerance_fraction) {
    return SpecIssue{pointer, "missing key 'tolerance_fraction'", "state how far a prediction may be off"};
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_figure_fault(const ValidationCase& c) {
  std::set<std::string> metrics;
  for (std::size_t i = 0; i < c.published.size(); ++i) {
    const PublishedValue& figure = c.published[i];
    const std::string pointer = child_pointer("/published", i);
    if (auto fault = fault_of(figure, c.role, pointer)) return fault;
    if (!has_source(c.sources, figure.source)) {
      return SpecIssue{pointer + "/source", fmt::format("unknown source '{}'", figure.source),
                       "add it to /sources"};
    }
    if (!metrics.insert(figure.metric).second) {
      return SpecIssue{pointer + "/metric", fmt::format("a second figure of '{}'", figure.metric), ""};
    }
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_run_fault(const ValidationCase& c) {
  if (c.role == CaseRole::range && !c.range) {
    return SpecIssue{"", "missing key 'range'", "list the plausible variants, or a grid of them"};
  }
  if (c.role != CaseRole::range && c.range) {
    return SpecIssue{"/range", "only the role range has variants", "use /overrides, or the role range"};
  }
  for (std::size_t i = 0; i < c.published.size(); ++i) {
    const std::string& metric = c.published[i].metric;
    const bool is_total = is_total_metric(metric);
    const std::string pointer = child_pointer("/published", i) + "/metric";
    if (is_total && std::ranges::find(total_metrics(), metric) == total_metrics().end()) {
      return SpecIssue{pointer, fmt::format("no total '{}'", metric),
                       fmt::format("known: {}", fmt::join(total_metrics(), ", "))};
    }
    if (is_total != c.phases.empty()) continue;
    if (is_total) return SpecIssue{pointer, "a total needs the phases of the run", "add /phases with steps"};
    return SpecIssue{pointer, "a figure of one step in a case of a whole run",
                     fmt::format("known: {}", fmt::join(total_metrics(), ", "))};
  }
  return std::nullopt;
}

void add_cases(const fs::path& path, std::vector<fs::path>& files) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (!fs::exists(path, error))
      throw SpecError(path.string(), "", "not there", "name a directory of cases");
    files.push_back(path);
    return;
  }
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.path().extension() == ".json" && entry.is_regular_file()) found.push_back(entry.path());
  }
  if (found.empty()) throw SpecError(path.string(), "", "holds no case", "a case is a .json file");
  std::ranges::sort(found);
  files.insert(files.end(), found.begin(), found.end());
}

}  // namespace

const Spec<PublishedValue>& spec_of(const PublishedValue*) {
  using P = PublishedValue;
  static const Spec<P> spec =
      Spec<P>("published value", "One published number and the summary key that predicts it.")
          .field("metric", &P::metric, "dotted path into the summary, or a total",
                 non_empty() | example("layer_pair_s.total"))
          .field("value", &P::value, "in the unit that the metric names")
          .field("unit", &P::unit, "for readers", optional())
          .field("tolerance_fraction", &P::tolerance_fraction, "of the published value; not for ranges",
                 above(0) | at_most(1))
          .field("source", &P::source, "id of one of the case's sources", non_empty())
          .field("where", &P::where, "table, figure or section of the source", non_empty())
          .field("note", &P::note, "what a reader should know", optional());
  return spec;
}

const Spec<ValidationCase>& spec_of(const ValidationCase*) {
  using C = ValidationCase;
  static const Spec<C> spec =
      Spec<C>("validation case", "A scenario with published figures.")
          .field("schema_version", &C::schema_version, "version of this format",
                 between(kCaseVersion, kCaseVersion))
          .field("id", &C::id, "names the case in tables", non_empty())
          .field("title", &C::title, "what was measured", non_empty())
          .field("role", &C::role, "what the figures are to the simulator")
          .field("family", &C::family, "cases of one family weigh as one", optional())
          .field("scenario", &C::scenario, "a scenario, or the path of one relative to this file")
          .field("overrides", &C::overrides, "values by the JSON pointer that they replace", optional())
          .field("range", &C::range, "of the role range: what the run may have been")
          .field("phases", &C::phases, "parts of a whole run; figures are totals over them", optional())
          .field("excluded_sources", &C::excluded_sources, "ids of sources that the run leaves out",
                 optional())
          .field("sources", &C::sources, "where the figures are printed", non_empty())
          .field("published", &C::published, "figures that the summary is compared with", non_empty())
          .check(find_figure_fault)
          .check(find_run_fault);
  return spec;
}

ValidationCase read_case(const fs::path& path) {
  auto c = read_spec_file<ValidationCase>(path);
  c.path = path.string();
  return c;
}

std::vector<ValidationCase> read_cases(std::span<const fs::path> paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) add_cases(path, files);
  std::vector<ValidationCase> cases;
  std::map<std::string, std::string> file_of_id;
  for (const fs::path& file : files) {
    cases.push_back(read_case(file));
    const auto [first, is_new] = file_of_id.emplace(cases.back().id, file.string());
    if (!is_new) {
      throw SpecError(file.string(), "/id",
                      fmt::format("'{}' is also the id of {}", cases.back().id, first->second),
                      "choose another id");
    }
  }
  return cases;
}

}  // namespace moesim
