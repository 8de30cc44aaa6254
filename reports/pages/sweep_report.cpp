#include "reports/pages/sweep_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/pages/json_facts.hpp"
#include "reports/pages/sweep_cases.hpp"
#include "reports/pages/xy_plot.hpp"

namespace moesim {
namespace {

constexpr std::size_t kMostBest = 10;
constexpr std::size_t kMostShown = 20;  ///< failures; more are folded

/// What the sections of a sweep are made of.
struct Cases {
  std::vector<ReportedCase> all;
  std::vector<std::size_t> ranked;
  std::string figure;
  std::vector<std::string> axes;  ///< pointers of what differs
};

ReportTiles counts(const SweepReader& sweep, const Cases& cases) {
  const auto number = [](std::int64_t count) {
    return metric_text(static_cast<double>(count), MetricUnit::count);
  };
  ReportTiles tiles{{"cases", number(sweep.num_cases())},
                    {"done", number(sweep.num_cases(SweepCaseState::done))},
                    {"failed", number(sweep.num_cases(SweepCaseState::failed))},
                    {"waiting", number(sweep.num_cases(SweepCaseState::waiting))}};
  if (!cases.ranked.empty()) {
    const ReportedCase& best = cases.all[cases.ranked.front()];
    tiles.push_back({"best " + label_of_key(cases.figure),
                     metric_text(*best.value, unit_of_key(cases.figure)), best.name});
  }
  return tiles;
}

CaseSetting setting_of(const ReportedCase& one, const std::string& axis) {
  const auto found = one.settings.find(axis);
  return found == one.settings.end() ? CaseSetting{} : found->second;
}

/// Cases of a grid are told by their settings, those of a list by their names.
ReportTable case_table(std::string name, const Cases& cases) {
  ReportTable table{std::move(name), {{"case", Align::left}}, {}};
  for (const std::string& axis : cases.axes) table.columns.push_back({axis, Align::right});
  table.columns.push_back({label_of_key(cases.figure), Align::right});
  return table;
}

ReportRow case_row(const ReportedCase& one, const Cases& cases) {
  ReportRow row{{cases.axes.empty() ? code_cell(one.name) : ReportCell{std::to_string(one.index + 1)}},
                0,
                false,
                one.name};
  for (const std::string& axis : cases.axes) row.cells.push_back(code_cell(setting_of(one, axis).text));
  row.cells.push_back(number_cell(one.value, unit_of_key(cases.figure)));
  if (one.has_failed) row.cells.back() = {"failed", {}, Tone::bad};
  return row;
}

ReportSection best_section(const Cases& cases) {
  ReportSection section{"best", "Best cases", {}};
  ReportTable table = case_table("best", cases);
  for (std::size_t i = 0; i < std::min(kMostBest, cases.ranked.size()); ++i)
    table.rows.push_back(case_row(cases.all[cases.ranked[i]], cases));
  section.add_table(std::move(table));
  return section;
}

/// The best, middle and worst value of the cases of each setting of an axis.
ReportTable setting_table(const std::string& axis, const Cases& cases) {
  ReportTable table{"axis " + axis,
                    {{axis},
                     {"cases", Align::right},
                     {"best", Align::right},
                     {"median", Align::right},
                     {"worst", Align::right}},
                    {}};
  std::vector<std::pair<std::string, std::vector<double>>> settings;  // values from the best on
  for (const std::size_t place : cases.ranked) {
    const std::string setting = setting_of(cases.all[place], axis).text;
    auto found = std::ranges::find(settings, setting, &std::pair<std::string, std::vector<double>>::first);
    if (found == settings.end()) found = settings.insert(settings.end(), {setting, {}});
    found->second.push_back(*cases.all[place].value);
  }
  const MetricUnit unit = unit_of_key(cases.figure);
  for (const auto& [setting, values] : settings) {
    table.rows.push_back(
        {{code_cell(setting), number_cell(static_cast<double>(values.size()), MetricUnit::count),
          number_cell(values.front(), unit), number_cell(values[values.size() / 2], unit),
          number_cell(values.back(), unit)}});
  }
  return table;
}

/// Each case as a dot over the axis; empty for settings that are no numbers.
std::string axis_plot(const std::string& axis, const Cases& cases) {
  XyPlot plot;
  plot.x.title = axis;
  plot.y = {label_of_key(cases.figure), unit_of_key(cases.figure)};
  XySeries& series = plot.series.emplace_back();
  series.is_big = cases.ranked.size() <= 200;
  for (const std::size_t place : cases.ranked) {
    const ReportedCase& one = cases.all[place];
    const CaseSetting setting = setting_of(one, axis);
    if (!setting.number) return "";
    series.points.push_back({*setting.number, *one.value});
    if (series.is_big) series.titles.push_back(one.name);
  }
  return xy_plot(plot);
}

/// Whether the cases that are done have more than one setting of an axis.
bool differs(const std::string& axis, const Cases& cases) {
  return std::ranges::any_of(cases.ranked, [&](std::size_t place) {
    return setting_of(cases.all[place], axis).text != setting_of(cases.all[cases.ranked[0]], axis).text;
  });
}

ReportSection axes_section(const Cases& cases) {
  ReportSection section{"axes", "What each axis does", {}};
  for (const std::string& axis : cases.axes) {
    if (!differs(axis, cases)) continue;
    section.add_figure(fmt::format("Every case over {}.", axis), axis_plot(axis, cases));
    section.add_table(setting_table(axis, cases));
  }
  return section;
}

ReportSection failures_section(const Cases& cases) {
  ReportSection section{"failures", "Failed cases", {}};
  ReportTable table{"failures", {{"case"}, {"exit code", Align::right}, {"message", Align::left}}, {}};
  for (const ReportedCase& one : cases.all) {
    if (one.has_failed)
      table.rows.push_back(
          {{code_cell(one.name), number_cell(one.exit_code, MetricUnit::count), {one.message}}});
  }
  if (table.rows.size() > kMostShown) table.folded = fmt::format("{} cases failed", table.rows.size());
  section.add_table(std::move(table));
  return section;
}

ReportSection all_section(const Cases& cases) {
  ReportSection section{"cases", "Every case", {}};
  ReportTable table = case_table("cases", cases);
  table.folded = fmt::format("{} cases in the order of the grid", cases.all.size());
  for (const ReportedCase& one : cases.all) table.rows.push_back(case_row(one, cases));
  section.add_table(std::move(table));
  return section;
}

/// Pointers with more than one value in the grid.
std::vector<std::string> axes_of(const SweepReader& sweep) {
  std::vector<std::string> pointers;
  const std::string text = sweep.meta("axes");
  if (text.empty()) return pointers;
  for (const Json& axis : parse_json(text, "axes")) {
    const Json& values = value_at(axis, "values");
    if (!values.is_array() || values.size() > 1) pointers.push_back(text_at(axis, "pointer"));
  }
  return pointers;
}

}  // namespace

Report sweep_report(const SweepReader& sweep, const std::string& source, const std::string& figure,
                    bool higher_is_better) {
  Cases cases{reported_cases(sweep, figure), {}, figure, axes_of(sweep)};
  cases.ranked = ranked_cases(cases.all, higher_is_better);
  Report report{fmt::format("Sweep of {} cases of kind {}", sweep.num_cases(), sweep.meta("kind")),
                {},
                fmt::format("moesim {}. Report of {}.", sweep.meta("moesim_version"), source)};
  report.sections.push_back({"counts", "", {counts(sweep, cases)}});
  for (ReportSection& section :
       std::vector{best_section(cases), axes_section(cases), failures_section(cases), all_section(cases)}) {
    if (!section.empty()) report.sections.push_back(std::move(section));
  }
  return report;
}

}  // namespace moesim
