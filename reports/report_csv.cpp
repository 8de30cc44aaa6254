#include <fmt/format.h>

#include "reports/csv.hpp"
#include "reports/report_writers.hpp"

namespace moesim {
namespace {

constexpr const char* kLineEnd = "\r\n";

std::string value_of(const ReportCell& cell) {
  return cell.number ? fmt::format("{}", *cell.number) : csv_field(cell.text);
}

std::string row_name(const ReportRow& row) {
  if (!row.key.empty()) return row.key;
  return row.cells.empty() ? "" : row.cells[0].text;
}

std::string table_csv(const ReportSection& section, const ReportTable& table) {
  const std::string place = csv_field(section.id) + ',' + csv_field(table.name) + ',';
  std::string lines;
  for (const ReportRow& row : table.rows) {
    for (std::size_t i = 1; i < row.cells.size() && i < table.columns.size(); ++i) {
      if (row.cells[i].text.empty()) continue;
      lines += place + csv_field(row_name(row)) + ',' + csv_field(table.columns[i].title) + ',' +
               value_of(row.cells[i]) + kLineEnd;
    }
  }
  return lines;
}

}  // namespace

std::string report_csv(const Report& report) {
  std::string text = std::string("section,table,row,column,value") + kLineEnd;
  for (const ReportSection& section : report.sections) {
    for (const ReportBlock& block : section.blocks) {
      if (const auto* table = std::get_if<ReportTable>(&block)) text += table_csv(section, *table);
    }
  }
  return text;
}

}  // namespace moesim
