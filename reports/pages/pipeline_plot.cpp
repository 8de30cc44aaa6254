#include "reports/pages/pipeline_plot.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/metric.hpp"
#include "reports/pictures/ticks.hpp"
#include "reports/svg.hpp"

namespace moesim {
namespace {

using svg::Anchor;

constexpr double kRight = 30;
constexpr double kTallRow = 20;
constexpr double kThinRow = 9;

double left_of(const std::vector<std::string>& rows) {
  double widest = 20;
  for (const std::string& row : rows) widest = std::max(widest, svg::text_width(row, 12));
  return widest + 12;
}

/// Rows of one thickness for each class; thin ones share a picture with tall ones.
struct Strokes {
  std::vector<std::string> tall;
  std::vector<std::string> thin;
};

void add_row(const PipelineRaster& raster, int row, double left, double middle, double column_width,
             std::vector<std::string>& paths) {
  for (int first = 0; first < raster.num_columns();) {
    const int of_class = raster.at(row, first);
    int end = first + 1;
    while (end < raster.num_columns() && raster.at(row, end) == of_class) ++end;
    if (of_class >= 0) {
      paths[static_cast<std::size_t>(of_class)] += fmt::format(
          "M{:.1f} {:.1f}h{:.1f}", left + first * column_width, middle, (end - first) * column_width);
    }
    first = end;
  }
}

std::string time_axis(double left, double y, double begin_s, double end_s) {
  std::string body;
  const double width = svg::kWidth - kRight - left;
  double free_from = 0;
  for (const auto& tick : pictures::linear_ticks(begin_s, end_s, 9)) {
    const double x = left + (tick.at - begin_s) / (end_s - begin_s) * width;
    // Of a window late in the run, milliseconds from its begin say nothing: seconds with the tick's digits.
    const std::string label = tick.label + " s";
    const double half = svg::text_width(label, 12) / 2;
    body += svg::line(x, y, x, y + 5, "axis");
    if (x - half < free_from || x + half > svg::kWidth) continue;
    body += svg::text(x, y + 19, Anchor::middle, "tick", label);
    free_from = x + half + 8;
  }
  return svg::line(left, y, left + width, y, "axis") + body;
}

std::string strokes_of(const std::vector<std::string>& paths, double thickness) {
  std::string body;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (paths[i].empty()) continue;
    body += svg::stroke(paths[i], fmt::format("stroke:{};stroke-width:{}", svg::colour(i), thickness));
  }
  return body;
}

}  // namespace

std::string pipeline_plot(const PipelineRaster& raster, const std::vector<std::string>& rows,
                          const std::vector<std::string>& classes, double begin_s, double end_s) {
  const double left = left_of(rows);
  const double column_width = (svg::kWidth - kRight - left) / raster.num_columns();
  Strokes strokes{std::vector<std::string>(classes.size()), std::vector<std::string>(classes.size())};
  std::string labels;
  double y = 2;
  for (int row = 0; row < raster.num_rows(); ++row) {
    const std::string& label = rows[static_cast<std::size_t>(row)];
    const bool is_thin = label.empty();
    const double height = is_thin ? kThinRow : kTallRow;
    add_row(raster, row, left, y + height / 2, column_width, is_thin ? strokes.thin : strokes.tall);
    if (!is_thin) labels += svg::text(left - 8, y + height / 2 + 4, Anchor::end, "tick", label);
    y += height + (row + 1 < raster.num_rows() && rows[static_cast<std::size_t>(row) + 1].empty() ? 0 : 3);
  }
  std::vector<std::string> shown = classes;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (strokes.tall[i].empty() && strokes.thin[i].empty()) shown[i].clear();
  }
  return svg::picture(y + 28, "operations of each row over time",
                      labels + strokes_of(strokes.tall, kTallRow) + strokes_of(strokes.thin, kThinRow - 1) +
                          time_axis(left, y + 2, begin_s, end_s)) +
         svg::legend(shown);
}

}  // namespace moesim
