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

void ReportSection::add_figure(std::string caption, std::string html) {
  if (!html.empty()) blocks.emplace_back(ReportFigure{std::move(caption), std::move(html)});
}

void ReportSection::add_table(ReportTable table) {
  if (!table.rows.empty()) blocks.emplace_back(std::move(table));
}

}  // namespace moesim
