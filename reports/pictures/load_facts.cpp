#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "reports/pictures/load_panels.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::pictures {
namespace {

using Fact = std::pair<std::string, std::string>;

std::string place_text(const LoadPanelContext& context) {
  const HottestCell& hottest = context.data->survey.hottest;
  const std::string layer = hottest.layer < 0 ? std::string() : fmt::format("layer {}, ", hottest.layer);
  return fmt::format("{}{} {}, step {}", layer, context.picture->noun, hottest.index, grouped(hottest.step));
}

/// "the most of up to 4 steps and 2 experts"; empty where a cell has a pixel of its own.
std::string pixel_text(const LoadPanelContext& context) {
  const LoadSurvey& survey = context.data->survey;
  const auto per_pixel = [](std::int64_t cells, double pixels) {
    const auto count = static_cast<std::int64_t>(pixels);
    return (cells + count - 1) / count;
  };
  const std::int64_t steps = per_pixel(survey.num_columns(), context.layout->steps.width);
  const std::int64_t rows = per_pixel(survey.width, context.layout->steps.height);
  if (steps <= 1 && rows <= 1) return {};
  if (rows <= 1) return fmt::format("greatest of {} steps", grouped(steps));
  return fmt::format("greatest of {} x {} cells", grouped(steps), grouped(rows));
}

std::vector<Fact> facts_of(const LoadPanelContext& context) {
  const LoadSurvey& survey = context.data->survey;
  const int worst = survey.most_imbalanced_layer();
  std::vector<Fact> facts{{"hottest cell", fmt::format("{:.3g} x mean", survey.hottest.over_mean)},
                          {"where", place_text(context)},
                          {"mean MaxVio", fmt::format("{:.3g}", survey.mean_violation())}};
  if (survey.layers.size() > 1) {
    facts.emplace_back("most imbalanced", fmt::format("layer {}, mean MaxVio {:.3g}", worst,
                                                      survey.layers.at(worst).mean_violation()));
  }
  const std::string pixel = pixel_text(context);
  if (!pixel.empty()) facts.emplace_back("a pixel", pixel);
  return facts;
}

}  // namespace

void draw_facts(const LoadPanelContext& context) {
  Canvas& canvas = *context.canvas;
  const Rect& area = context.layout->facts;
  const double size = context.style.font();
  double y = area.y + 0.6 * size;
  const std::vector<Fact> facts = facts_of(context);
  double names = 0;
  for (const Fact& fact : facts) names = std::max(names, canvas.text_width(fact.first, size));
  const double indent = names + size;
  for (const auto& [name, value] : facts) {
    if (y + 0.6 * size > area.bottom()) return;
    canvas.text({area.x, y}, name, {size, context.style.theme->muted});
    canvas.text({area.x + indent, y}, canvas.fitted(value, area.width - indent, size),
                {size, context.style.theme->text});
    y += 1.75 * size;
  }
}

}  // namespace moesim::pictures
