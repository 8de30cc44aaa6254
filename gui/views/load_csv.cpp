#include "gui/views/load_csv.hpp"

#include <array>
#include <numeric>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace moesim::gui {
namespace {

std::string head(const LoadScene& scene, const QString& noun) {
  std::string text = fmt::format("layer,step,{},tokens,load_over_mean", noun.toStdString());
  if (scene.numSides() == 2) text += ",tokens_second,load_over_mean_second,difference";
  return text + "\r\n";
}

std::optional<double> meanOf(std::span<const std::uint32_t> tokens) {
  const auto sum = std::accumulate(tokens.begin(), tokens.end(), std::uint64_t{0});
  if (sum == 0) return std::nullopt;
  return static_cast<double>(sum) / static_cast<double>(tokens.size());
}

/// The elements of one layer and step; a field is empty where there is no row.
void addRows(const LoadScene& scene, int column, int layer, std::string& text) {
  const auto out = std::back_inserter(text);
  const bool isSame = scene.spec().firstStep || scene.stepAt(0, column) == scene.stepAt(1, column);
  for (int element = 0; element < scene.numRows(); ++element) {
    std::array<std::optional<double>, 2> loads;
    std::string fields;
    for (int side = 0; side < scene.numSides(); ++side) {
      const auto tokens = scene.tokensAt(side, column, layer);
      const auto mean = meanOf(tokens);
      const auto at = static_cast<std::size_t>(element);
      fields += at < tokens.size() ? fmt::format(",{}", tokens[at]) : ",";
      if (at < tokens.size() && mean) loads[static_cast<std::size_t>(side)] = tokens[at] / *mean;
      const auto load = loads[static_cast<std::size_t>(side)];
      fields += load ? fmt::format(",{:.6g}", *load) : ",";
    }
    if (fields.find_first_not_of(',') == std::string::npos) continue;
    fmt::format_to(out, "{},{},{}{}", layer, scene.columns()->step(column), element, fields);
    if (scene.numSides() == 2)
      text += isSame && loads[0] && loads[1] ? fmt::format(",{:.6g}", *loads[1] - *loads[0]) : ",";
    text += "\r\n";
  }
}

}  // namespace

QString layersCsv(const LoadScene& scene, const QString& noun, int column) {
  std::string text = head(scene, noun);
  for (const int layer : scene.layers()) addRows(scene, column, layer, text);
  return QString::fromStdString(text);
}

QString stepsCsv(const LoadScene& scene, const QString& noun, const CellWindow& columns) {
  std::string text = head(scene, noun);
  for (const std::int64_t step : scene.recorded()->steps()) {
    const int column = scene.columns()->columnOf(step);
    if (column + 1 > columns.first && column < columns.end) addRows(scene, column, scene.layer(), text);
  }
  return QString::fromStdString(text);
}

}  // namespace moesim::gui
