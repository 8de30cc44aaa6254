#include "reports/comparison_page.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "reports/bars.hpp"
#include "reports/comparison_rows.hpp"
#include "reports/comparison_table.hpp"
#include "reports/metric.hpp"
#include "reports/page.hpp"

namespace moesim {
namespace {

constexpr std::size_t kMostCharacters = 200;

double number_or(const ComparedValue& value, double otherwise) {
  const auto* number = std::get_if<double>(&value);
  return number == nullptr ? otherwise : *number;
}

std::vector<std::string> letters(const Comparison& comparison) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < comparison.names.size(); ++i) all.push_back(result_letter(i));
  return all;
}

/// Rows of a section that become parts of bars.
struct Parts {
  std::vector<std::string> labels;
  std::vector<const ComparedRow*> rows;
};

/// The rows whose keys begin with `prefix`, labelled by what follows it.
Parts parts_of(const Comparison& comparison, std::string_view section, std::string_view prefix) {
  Parts parts;
  const ComparedSection* found = comparison.find(section);
  if (found == nullptr) return parts;
  for (const ComparedRow& row : found->rows) {
    if (!row.key.starts_with(prefix)) continue;
    parts.labels.push_back(metric_label(row.key.substr(prefix.size())));
    parts.rows.push_back(&row);
  }
  return parts;
}

std::vector<StackedBar> bars_of(const Comparison& comparison, const Parts& parts) {
  std::vector<StackedBar> bars;
  for (std::size_t i = 0; i < comparison.names.size(); ++i) {
    StackedBar bar{result_letter(i), {}, 0};
    for (const ComparedRow* row : parts.rows) bar.parts.push_back(number_or(row->values[i], 0));
    bars.push_back(std::move(bar));
  }
  return bars;
}

std::string section_html(const std::string& title, const std::string& body) {
  return body.empty() ? "" : fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", html_text(title), body);
}

/// The waterfall without its total, else the mean of the phases.
std::string time_picture(const Comparison& comparison) {
  Parts parts = parts_of(comparison, "waterfall", "");
  if (parts.rows.size() > 1) {
    parts.rows.pop_back();
    parts.labels.pop_back();
    return section_html("Step time by cause",
                        stacked_bars(parts.labels, bars_of(comparison, parts), MetricUnit::seconds));
  }
  parts = parts_of(comparison, "time", "phases_mean_s.");
  return section_html("Step time by phase, mean over pipeline ranks",
                      stacked_bars(parts.labels, bars_of(comparison, parts), MetricUnit::seconds));
}

std::string memory_picture(const Comparison& comparison) {
  const Parts parts = parts_of(comparison, "memory", "items_B.");
  std::vector<StackedBar> bars = bars_of(comparison, parts);
  const Parts capacity = parts_of(comparison, "memory", "capacity_B");
  for (std::size_t i = 0; i < bars.size() && !capacity.rows.empty(); ++i)
    bars[i].mark = number_or(capacity.rows[0]->values[i], 0);
  return section_html("Memory of the fullest pipeline rank by item; the line is the GPU's capacity",
                      stacked_bars(parts.labels, bars, MetricUnit::bytes));
}

std::string stages_picture(const Comparison& comparison) {
  const Parts parts = parts_of(comparison, "memory", "memory_per_gpu_B.by_stage.");
  std::vector<std::vector<double>> values(comparison.names.size());
  for (const ComparedRow* row : parts.rows) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (const auto* number = std::get_if<double>(&row->values[i])) values[i].push_back(*number);
    }
  }
  return section_html("Memory by pipeline rank; at the right the largest",
                      column_rows(letters(comparison), values, MetricUnit::bytes));
}

std::string origin_picture(const Comparison& comparison) {
  const Parts parts = parts_of(comparison, "provenance", "");
  return section_html("Origin of the simulated time",
                      stacked_bars(parts.labels, bars_of(comparison, parts), MetricUnit::fraction));
}

std::string value_cell(const ComparedSection& section, const ComparedRow& row, std::size_t result) {
  const ComparedValue& value = row.values[result];
  const bool is_text = std::holds_alternative<std::string>(value);
  return fmt::format("<td{}>{}</td>",
                     value.index() == 0 ? " class=\"absent\""
                     : is_text          ? " class=\"text\""
                                        : "",
                     html_text(compared_text(section, row, result, kMostCharacters)));
}

std::string difference_cell(const ComparedSection& section, const ComparedRow& row, std::size_t result) {
  const auto difference = relative_difference(row.values[0], row.values[result]);
  std::string_view kind = "same";
  if (difference && *difference != 0) kind = *difference > 0 ? "up" : "down";
  return fmt::format("<td class=\"{}\">{}</td>", kind, html_text(difference_text(section, row, result)));
}

std::string header_row(const Comparison& comparison, const ComparedSection& section) {
  std::string cells = "<th></th>";
  for (std::size_t i = 0; i < comparison.names.size(); ++i) {
    cells += fmt::format("<th title=\"{}\">{}</th>", html_text(comparison.names[i]), result_letter(i));
    if (i > 0 && section.shows_difference) cells += "<th>to A</th>";
  }
  return "<thead><tr>" + cells + "</tr></thead>\n";
}

std::string line_row(const ComparedSection& section, const ComparisonLine& line, std::size_t num_columns) {
  const std::string indent = fmt::format(" style=\"padding-left:{}em\"", line.depth);
  if (line.row == nullptr) {
    return fmt::format("<tr class=\"group\"><td{} colspan=\"{}\">{}</td></tr>\n", indent, num_columns,
                       html_text(line.label));
  }
  const std::string label = html_text(line.label);
  std::string cells = fmt::format("<td{}>{}</td>", indent,
                                  line.row->key.starts_with('/') ? "<code>" + label + "</code>" : label);
  for (std::size_t i = 0; i < line.row->values.size(); ++i) {
    cells += value_cell(section, *line.row, i);
    if (i > 0 && section.shows_difference) cells += difference_cell(section, *line.row, i);
  }
  return "<tr>" + cells + "</tr>\n";
}

std::string table_of(const Comparison& comparison, const ComparedSection& section) {
  const std::size_t num_columns = 2 * comparison.names.size();
  std::string rows;
  for (const ComparisonLine& line : comparison_lines(section)) rows += line_row(section, line, num_columns);
  std::string title(section.title);
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return section_html(title, "<div class=\"wide\"><table>\n" + header_row(comparison, section) + "<tbody>\n" +
                                 rows + "</tbody></table></div>\n");
}

std::string names_list(const Comparison& comparison) {
  std::string rows;
  for (std::size_t i = 0; i < comparison.names.size(); ++i) {
    rows += fmt::format("<li><b>{}</b>&ensp;{}</li>", result_letter(i), html_text(comparison.names[i]));
  }
  return "<ul class=\"legend\" style=\"font-size:1rem\">" + rows + "</ul>\n";
}

std::string warnings_list(const Comparison& comparison) {
  std::string rows;
  for (std::size_t i = 0; i < comparison.warnings.size(); ++i) {
    for (const std::string& warning : comparison.warnings[i])
      rows += fmt::format("<li><b>{}</b> {}</li>\n", result_letter(i), html_text(warning));
  }
  return section_html("Warnings", rows.empty() ? "" : "<ul>\n" + rows + "</ul>\n");
}

}  // namespace

std::string comparison_page(const Comparison& comparison) {
  std::string body = names_list(comparison);
  for (const char* name : {"results", "summary"}) {
    if (const ComparedSection* section = comparison.find(name)) body += table_of(comparison, *section);
  }
  body += time_picture(comparison) + memory_picture(comparison) + stages_picture(comparison) +
          origin_picture(comparison);
  for (const ComparedSection& section : comparison.sections) {
    if (section.name != "results" && section.name != "summary") body += table_of(comparison, section);
  }
  body += warnings_list(comparison);
  body += "<footer>Differences are relative to A. What a result lacks is shown as -.</footer>\n";
  return html_page(fmt::format("moesim: {} results side by side", comparison.kind), body);
}

}  // namespace moesim
