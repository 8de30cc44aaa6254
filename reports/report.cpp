#include "reports/report.hpp"

#include <utility>

namespace moesim {

ReportCell number_cell(double value, MetricUnit unit) {
  return {metric_text(value, unit), value};
}

ReportCell number_cell(const std::optional<double>& value, MetricUnit unit) {
  return value ? number_cell(*value, unit) : ReportCell{};
}

ReportCell code_cell(std::string text) {
  ReportCell cell{std::move(text)};
  cell.is_code = true;
  return cell;
}

std::vector<ReportPassage> passages_of(std::string_view text) {
  std::vector<ReportPassage> passages;
  while (!text.empty()) {
    const std::size_t begin = text.find('`');
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('`', begin + 1);
    if (end == std::string_view::npos) break;
    passages.push_back({text.substr(0, begin)});
    passages.push_back({text.substr(begin + 1, end - begin - 1), true});
    text.remove_prefix(end + 1);
  }
  passages.push_back({text});
  return passages;
}

void ReportSection::add_figure(std::string caption, std::string html) {
  if (!html.empty()) blocks.emplace_back(ReportFigure{std::move(caption), std::move(html)});
}

void ReportSection::add_table(ReportTable table) {
  if (!table.rows.empty()) blocks.emplace_back(std::move(table));
}

}  // namespace moesim
