#include "reports/bars.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "reports/page.hpp"

namespace moesim {
namespace {

constexpr int kNumColours = 12;
constexpr double kWidth = 1000;    // of a picture; the page scales it
constexpr double kNameWidth = 40;  // letters of results at the left
constexpr double kSumWidth = 110;  // texts at the right
constexpr double kRowHeight = 34;
constexpr double kBarHeight = 22;
constexpr double kShortestText = 64;  // width of a part that holds its value
constexpr double kColumnHeight = 48;

double sum_of(const std::vector<double>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0,
                         [](double sum, double part) { return sum + std::max(part, 0.0); });
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view kind,
                    const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", x, y,
                     anchor, kind, html_text(text));
}

std::string rectangle(double x, double y, double width, double height, std::size_t colour,
                      const std::string& title) {
  return fmt::format(
      "<rect x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.1f}\" fill=\"var(--c{})\">"
      "<title>{}</title></rect>\n",
      x, y, width, height, colour % kNumColours, html_text(title));
}

std::string legend(const std::vector<std::string>& labels) {
  std::string text = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    text += fmt::format("<li><i style=\"background:var(--c{})\"></i>{}</li>", i % kNumColours,
                        html_text(labels[i]));
  }
  return text + "</ul>\n";
}

std::string svg(double height, const std::string& body) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\">\n{}</svg>\n", kWidth, height, body);
}

std::string one_bar(const std::vector<std::string>& labels, const StackedBar& bar, double y, double scale,
                    MetricUnit unit) {
  std::string text = text_at(kNameWidth - 12, y + 16, "end", "name", bar.name);
  double x = kNameWidth;
  for (std::size_t i = 0; i < bar.parts.size(); ++i) {
    if (bar.parts[i] <= 0) continue;
    const double width = bar.parts[i] * scale;
    const std::string value = metric_text(bar.parts[i], unit);
    text += rectangle(x, y, width, kBarHeight, i, labels[i] + ": " + value);
    if (width >= kShortestText) text += text_at(x + width / 2, y + 15.5, "middle", "inside", value);
    x += width;
  }
  double end = x;
  if (bar.mark > 0) {
    const double at = kNameWidth + bar.mark * scale;
    text += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" "
        "class=\"mark\"><title>{3}</title></line>\n",
        at, y - 4, y + kBarHeight + 4, html_text(metric_text(bar.mark, unit)));
    end = std::max(end, at);
  }
  return text + text_at(end + 8, y + 16, "start", "sum", metric_text(sum_of(bar.parts), unit));
}

}  // namespace

std::string stacked_bars(const std::vector<std::string>& labels, const std::vector<StackedBar>& bars,
                         MetricUnit unit) {
  double longest = 0;
  for (const StackedBar& bar : bars) longest = std::max({longest, sum_of(bar.parts), bar.mark});
  if (longest <= 0) return "";
  const double scale = (kWidth - kNameWidth - kSumWidth) / longest;
  std::string body;
  double y = 6;
  for (const StackedBar& bar : bars) {
    body += one_bar(labels, bar, y, scale, unit);
    y += kRowHeight;
  }
  return svg(y, body) + legend(labels);
}

std::string column_rows(const std::vector<std::string>& names, const std::vector<std::vector<double>>& values,
                        MetricUnit unit) {
  double highest = 0;
  for (const auto& row : values) {
    for (const double value : row) highest = std::max(highest, value);
  }
  if (highest <= 0) return "";
  std::string body;
  double bottom = kColumnHeight + 8;
  for (std::size_t i = 0; i < values.size(); ++i) {
    body += text_at(kNameWidth - 12, bottom, "end", "name", names[i]);
    const double step =
        (kWidth - kNameWidth - kSumWidth) / static_cast<double>(std::max<std::size_t>(values[i].size(), 1));
    double most = 0;
    for (std::size_t rank = 0; rank < values[i].size(); ++rank) {
      const double height = kColumnHeight * values[i][rank] / highest;
      body += rectangle(kNameWidth + step * static_cast<double>(rank), bottom - height, step * 0.86, height,
                        i, fmt::format("{}: {}", rank, metric_text(values[i][rank], unit)));
      most = std::max(most, values[i][rank]);
    }
    body += text_at(kWidth - kSumWidth + 8, bottom, "start", "sum",
                    values[i].empty() ? "-" : metric_text(most, unit));
    bottom += kColumnHeight + 18;
  }
  return svg(bottom - kColumnHeight, body);
}

}  // namespace moesim
