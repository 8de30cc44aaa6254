#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/pages/base64.hpp"
#include "reports/pages/json_facts.hpp"
#include "reports/pages/sections.hpp"
#include "reports/pages/span_facts.hpp"
#include "reports/pictures/load_result.hpp"
#include "reports/result_lines.hpp"

namespace moesim {
namespace {

bool has_stream(const StoreReader& records, std::string_view name) {
  return std::ranges::any_of(records.load_streams(),
                             [&](const LoadStream& stream) { return stream.name == name; });
}

/// A raster within the page, in a light and a dark version of which the reader's theme chooses one.
std::string load_image(const pictures::LoadPicture& picture, const std::filesystem::path& file) {
  std::array<std::string, 2> images;  // by pictures::kThemes: light, dark
  for (std::size_t i = 0; i < images.size(); ++i) {
    pictures::LoadPictureOptions options;
    options.theme = &pictures::kThemes[i];
    images[i] = "data:image/png;base64," + base64(pictures::draw_result(picture, file, options));
  }
  return fmt::format(
      "<picture><source media=\"screen and (prefers-color-scheme: dark)\" srcset=\"{}\">"
      "<img src=\"{}\" alt=\"{}\"></picture>\n",
      images[1], images[0], picture.title);
}

/// What a training or serving result states of the load, which holds no loads of experts by themselves.
ReportTable stated_load(const Json& summary) {
  ReportTable table{"expert load", {{"load"}, {"over the mean", Align::right}}, {}};
  const Json& load = member_of(summary, "expert_load");
  if (!load.is_object()) return table;
  for (const auto& [key, value] : load.items()) {
    if (value.is_number())
      table.rows.push_back(
          {{{metric_label(key)}, number_cell(value.get<double>(), MetricUnit::count)}, 0, false, key});
  }
  return table;
}

/// Shares of the step that each lane of the first GPU of each rank works.
ReportTable lane_table(const SpanFacts& facts) {
  ReportTable table{"busy", {{"rank"}}, {}};
  std::size_t lanes = 0;
  for (const auto& [rank, busy] : facts.busy_s) lanes = std::max(lanes, busy.size());
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    table.columns.push_back(
        {metric_label(name_or_index(facts.names.lanes, static_cast<std::uint8_t>(lane), "lane")),
         Align::right});
  }
  for (const auto& [rank, busy] : facts.busy_s) {
    ReportRow row{{{std::to_string(rank)}}};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double share = lane < busy.size() ? busy[lane] / facts.end_s : 0;
      ReportCell cell = number_cell(share, MetricUnit::fraction);
      cell.heat = share;
      row.cells.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

ReportTable traffic_table(const Json& traffic) {
  ReportTable table{"traffic", {{"of the dispatch"}, {"value", Align::right}}, {}};
  for (const SummaryRow& row : summary_rows(traffic)) {
    ReportRow line{{{row.label}}, row.depth, row.is_group(), row.key};
    if (row.is_number()) {
      line.cells.push_back(number_cell(row.numbers[0], row.unit));
    } else if (!row.is_group()) {
      line.cells.push_back({fmt::format("{}", fmt::join(value_lines(row), ", "))});
    }
    table.rows.push_back(std::move(line));
  }
  return table;
}

}  // namespace

void add_expert_load(const ReportInput& input, ReportSection& section) {
  const std::string kind = text_at(*input.document, "kind");
  const bool is_routing = kind == "routing";
  if (!is_routing && kind != "training" && kind != "serving") return;
  if (!is_routing) section.add_table(stated_load(member_of(*input.document, "summary")));
  const std::size_t stated = section.blocks.size();
  for (const pictures::LoadPicture& picture : pictures::kLoadPictures) {
    if (input.records == nullptr || !has_stream(*input.records, picture.stream)) continue;
    section.add_figure(fmt::format("{}: tokens of each {} over the mean of their layer and step.",
                                   picture.title, picture.noun),
                       load_image(picture, input.records_file));
  }
  if (section.blocks.size() > stated) return;
  if (!is_routing) {
    if (stated > 0) section.add_text("Runs of kind `routing` record the load of every expert.");
  } else if (input.records == nullptr) {
    section.add_text("Loads of experts are not in this file: report the folder of `moesim run -o`.");
  } else {
    section.add_text("The run recorded no loads of experts: set `/record/every` in the scenario.");
  }
}

void add_links(const ReportInput& input, ReportSection& section) {
  const std::string kind = text_at(*input.document, "kind");
  if (kind == "routing") {
    const Json& traffic = value_at(*input.document, "summary.traffic");
    if (traffic.is_object()) return section.add_table(traffic_table(traffic));
    section.add_text("The run recorded no traffic: set `/record/traffic_every` in the scenario.");
  }
  if (kind != "training") return;
  if (input.records == nullptr) {
    section.add_text("What links do is not in this file: report the folder of `moesim run -o`.");
    return;
  }
  const SpanFacts facts = span_facts(*input.records);
  if (facts.end_s <= 0) return;
  section.add_text(
      "Share of the step in which computation and each kind of transfer of one GPU of each pipeline rank is "
      "under way. They overlap, so that a row may exceed 100 % as a whole.");
  section.add_table(lane_table(facts));
}

}  // namespace moesim
