#include "reports/pictures/load_picture.hpp"

#include <fmt/format.h>

#include "reports/pictures/load_data.hpp"
#include "reports/pictures/load_layout.hpp"
#include "reports/pictures/load_panels.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::pictures {
namespace {

std::string count_text(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

void draw_head(const LoadPanelContext& context, const LoadPictureHead& head) {
  const double size = context.style.font();
  const double left = 1.6 * size;
  const double width = context.options->width - 2 * left;
  const std::string title = fmt::format("{}: {}", context.picture->title, head.model);
  const double title_size = 1.5 * size;
  context.canvas->text({left, 1.9 * size}, context.canvas->fitted(title, width, title_size, true),
                       {title_size, context.style.theme->text, Anchor::start, true});
  const LoadSurvey& survey = context.data->survey;
  std::string subtitle = head.subtitle;
  if (!survey.layers.contains(-1))
    subtitle += ", " + count_text(static_cast<std::int64_t>(survey.layers.size()), "layer");
  subtitle += ", " + count_text(survey.num_steps, "step");
  subtitle += ", " + count_text(survey.width, context.picture->noun);
  context.canvas->text({left, 3.7 * size}, context.canvas->fitted(subtitle, width, size),
                       {size, context.style.theme->muted});
}

}  // namespace

std::string draw_load_picture(const LoadPicture& picture, const LoadPictureHead& head, const ReadLoads& rows,
                              const LoadPictureOptions& options) {
  const LoadLayout layout = load_layout(options.width, options.height, options.panel);
  const LoadData data = load_data(picture, head, rows, options, layout);
  Canvas canvas(options.format, options.width, options.height);
  const LoadPanelContext context{&canvas,  {options.theme, layout.unit}, &layout, &data, &picture,
                                 &options, load_scale(data, options)};
  canvas.fill(Rect{0, 0, static_cast<double>(options.width), static_cast<double>(options.height)},
              options.theme->background);
  draw_head(context, head);
  if (data.steps) draw_steps_panel(context);
  if (data.layers) draw_layers_panel(context);
  if (data.steps || data.layers) draw_load_bar(context);
  if (data.violation) draw_violation_panel(context);
  if (layout.facts.width > 0) draw_facts(context);
  return canvas.finish();
}

}  // namespace moesim::pictures
