#include "reports/sensitivity_table.hpp"

#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim {
namespace {

constexpr double kBarWidth = 24;

std::string bar_of(double span, double widest) {
  const double width = widest > 0 ? std::ceil(kBarWidth * span / widest) : 0;
  return std::string(static_cast<std::size_t>(width), '#');
}

std::vector<std::string> row_of(const Json& input, const Json& document, double widest) {
  const MetricUnit unit = unit_of_key(document.at("figure").get<std::string>());
  const double span = input.at("span").get<double>();
  const double value = document.at("value").get<double>();
  const auto figure = [&](const char* end) { return metric_text(input.at(end).get<double>(), unit); };
  return {input.at("name"),
          input.at("owner"),
          input.at("provenance"),
          input.at("varied"),
          fmt::format("{:.4g} to {:.4g} {}", input.at("low_value").get<double>(),
                      input.at("high_value").get<double>(), input.at("unit").get<std::string>()),
          figure("low"),
          figure("high"),
          value != 0 ? fmt::format("{:.2f} %", 100 * span / std::abs(value)) : "",
          bar_of(span, widest)};
}

std::string rest_text(const Json& document, std::size_t shown) {
  std::string text;
  const std::size_t num = document.at("inputs").size();
  if (num > shown) text += fmt::format("{} more inputs change less\n", num - shown);
  const Json& none = document.at("without_effect");
  if (none.empty()) return text;
  return text + fmt::format("{} inputs change nothing: {}\n", none.size(),
                            fmt::join(none.get<std::vector<std::string>>(), ", "));
}

}  // namespace

std::string sensitivity_table(const Json& document, std::size_t top) {
  TextTable table{{{"input"},
                   {"of"},
                   {"from"},
                   {"varied by"},
                   {"ends"},
                   {"low", Align::right},
                   {"high", Align::right},
                   {"span", Align::right},
                   {""}},
                  {}};
  const Json& inputs = document.at("inputs");
  const double widest = inputs.empty() ? 0 : inputs.front().at("span").get<double>();
  for (const Json& input : inputs) {
    if (top > 0 && table.rows.size() == top) break;
    table.rows.push_back(row_of(input, document, widest));
  }
  const auto figure = document.at("figure").get<std::string>();
  return fmt::format("{}: {} ({})\n\n", figure,
                     metric_text(document.at("value").get<double>(), unit_of_key(figure)),
                     document.at("engine").get<std::string>()) +
         plain_text(table) + rest_text(document, table.rows.size());
}

}  // namespace moesim
