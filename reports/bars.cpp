#include "reports/bars.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "reports/svg.hpp"

namespace moesim {
namespace {

using svg::Anchor;

constexpr double kLeastNameWidth = 40;  // letters of results at the left
constexpr double kMostNameWidth = 220;
constexpr double kSumWidth = 110;  // texts at the right
constexpr double kRowHeight = 34;
constexpr double kBarHeight = 22;
constexpr double kShortestText = 64;  // width of a part that holds its value
constexpr double kColumnHeight = 48;

double sum_of(const std::vector<double>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0,
                         [](double sum, double part) { return sum + std::max(part, 0.0); });
}

/// Room for the longest name at the left.
double name_width(const std::vector<std::string>& names) {
  double widest = kLeastNameWidth;
  for (const std::string& name : names) widest = std::max(widest, svg::text_width(name) + 14);
  return std::min(widest, kMostNameWidth);
}

std::string name_at(double left, double y, const std::string& name) {
  return svg::text(left - 12, y, Anchor::end, "name", svg::fitted(name, left - 14));
}

/// Where bars begin, and how wide one unit is.
struct BarScale {
  double left = 0;
  double per_unit = 0;
};

std::string one_bar(const std::vector<std::string>& labels, const StackedBar& bar, double y,
                    const BarScale& scale, MetricUnit unit) {
  std::string text = name_at(scale.left, y + 16, bar.name);
  double x = scale.left;
  for (std::size_t i = 0; i < bar.parts.size(); ++i) {
    if (bar.parts[i] <= 0) continue;
    const double width = bar.parts[i] * scale.per_unit;
    const std::string value = metric_text(bar.parts[i], unit);
    text += svg::rect(x, y, width, kBarHeight, i, labels[i] + ": " + value);
    if (width >= kShortestText) text += svg::text(x + width / 2, y + 15.5, Anchor::middle, "inside", value);
    x += width;
  }
  double end = x;
  if (bar.mark > 0) {
    const double at = scale.left + bar.mark * scale.per_unit;
    text += svg::line(at, y - 4, at, y + kBarHeight + 4, "mark");
    end = std::max(end, at);
  }
  return text + svg::text(end + 8, y + 16, Anchor::start, "sum", metric_text(sum_of(bar.parts), unit));
}

}  // namespace

std::string stacked_bars(const std::vector<std::string>& labels, const std::vector<StackedBar>& bars,
                         MetricUnit unit) {
  double longest = 0;
  std::vector<std::string> names;
  for (const StackedBar& bar : bars) {
    longest = std::max({longest, sum_of(bar.parts), bar.mark});
    names.push_back(bar.name);
  }
  if (longest <= 0) return "";
  BarScale scale{name_width(names), 0};
  scale.per_unit = (svg::kWidth - scale.left - kSumWidth) / longest;
  std::string body;
  double y = 6;
  for (const StackedBar& bar : bars) {
    body += one_bar(labels, bar, y, scale, unit);
    y += kRowHeight;
  }
  return svg::picture(y, fmt::format("{}", fmt::join(labels, ", ")), body) + svg::legend(labels);
}

std::string column_rows(const std::vector<std::string>& names, const std::vector<std::vector<double>>& values,
                        MetricUnit unit) {
  double highest = 0;
  for (const auto& row : values) {
    for (const double value : row) highest = std::max(highest, value);
  }
  if (highest <= 0) return "";
  std::string body;
  const double left = name_width(names);
  double bottom = kColumnHeight + 8;
  for (std::size_t i = 0; i < values.size(); ++i) {
    body += name_at(left, bottom, names[i]);
    const double step =
        (svg::kWidth - left - kSumWidth) / static_cast<double>(std::max<std::size_t>(values[i].size(), 1));
    double most = 0;
    for (std::size_t rank = 0; rank < values[i].size(); ++rank) {
      const double height = kColumnHeight * values[i][rank] / highest;
      body += svg::rect(left + step * static_cast<double>(rank), bottom - height, step * 0.86, height, i,
                        fmt::format("{}: {}", rank, metric_text(values[i][rank], unit)));
      most = std::max(most, values[i][rank]);
    }
    body += svg::text(svg::kWidth - kSumWidth + 8, bottom, Anchor::start, "sum",
                      values[i].empty() ? "-" : metric_text(most, unit));
    bottom += kColumnHeight + 18;
  }
  return svg::picture(bottom - kColumnHeight, "values over pipeline ranks", body);
}

}  // namespace moesim
