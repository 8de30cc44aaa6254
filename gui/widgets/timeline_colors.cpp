#include "gui/widgets/timeline_colors.hpp"

#include <QColor>
#include <algorithm>
#include <string_view>

#include "gui/models/span_text.hpp"
#include "gui/widgets/theme.hpp"
#include "reports/pictures/color_map.hpp"

namespace moesim::gui {
namespace {

struct PhaseHue {
  std::string_view words;  ///< that the name of a phase ends with or starts with
  int category;
};

/// The first row that fits decides.
constexpr auto kPhaseHues = std::to_array<PhaseHue>({{"_forward", 1},
                                                     {"_backward", 2},
                                                     {"_weight", 0},
                                                     {"_recompute", 6},
                                                     {"send_activation", 4},
                                                     {"send_gradient", 6},
                                                     {"reduce_scatter", 5},
                                                     {"all_gather", 5},
                                                     {"optimizer", 7},
                                                     {"queue", 7},
                                                     {"prompt", 1},
                                                     {"transfer", 4},
                                                     {"decode", 2}});

struct PhaseShade {
  std::string_view words;
  int lightness;  ///< percent of QColor::lighter()
};

constexpr auto kPhaseShades = std::to_array<PhaseShade>({{"mlp_", 125},
                                                         {"head_", 70},
                                                         {"dispatch_", 160},
                                                         {"combine_", 55},
                                                         {"tensor_", 140},
                                                         {"context_", 60},
                                                         {"expert_tensor_", 90},
                                                         {"all_", 140}});

QRgb phaseColor(std::string_view name, int index) {
  const auto hue =
      std::ranges::find_if(kPhaseHues, [&](const PhaseHue& row) { return name.ends_with(row.words); });
  const auto shade =
      std::ranges::find_if(kPhaseShades, [&](const PhaseShade& row) { return name.starts_with(row.words); });
  const QColor color = categoryColor(hue == kPhaseHues.end() ? index : hue->category);
  return color.lighter(shade == kPhaseShades.end() ? 100 : shade->lightness).rgb();
}

struct PassHue {
  std::string_view name;
  int category;
};

constexpr auto kPassHues =
    std::to_array<PassHue>({{"forward", 1}, {"backward", 2}, {"weight", 0}, {"forward_backward", 3}});

/// 0 for a pass without a hue.
QRgb passColor(std::string_view name) {
  const auto hue = std::ranges::find(kPassHues, name, &PassHue::name);
  return hue == kPassHues.end() ? 0 : categoryColor(hue->category).rgb();
}

QRgb mixed(QRgb a, QRgb b, int percentOfB) {
  const auto mix = [&](int x, int y) { return (x * (100 - percentOfB) + y * percentOfB) / 100; };
  return qRgb(mix(qRed(a), qRed(b)), mix(qGreen(a), qGreen(b)), mix(qBlue(a), qBlue(b)));
}

}  // namespace

TimelineColors::TimelineColors(const SpanScene& scene, ColorBy colorBy, const pictures::Theme& theme)
    : by(colorBy), last(colorBy == ColorBy::layer ? scene.extent.lastLayer : scene.extent.lastMicrobatch) {
  const SpanNames& names = scene.document->names();
  for (std::size_t i = 0; i < phases.size(); ++i)
    phases[i] = phaseColor(i < names.phases.size() ? names.phases[i] : std::string(), static_cast<int>(i));
  for (std::size_t i = 0; i < passes.size(); ++i)
    passes[i] = passColor(i < names.passes.size() ? names.passes[i] : std::string());
  for (std::size_t i = 0; i < map.size(); ++i) map[i] = qColor(pictures::sequential_map()[i]).rgb();
  other = qColor(theme.missing).rgb();
  background = qColor(theme.background).rgb();
  idle = mixed(background, qColor(theme.text).rgb(), 12);
  exposed = theme.name == "dark" ? qRgb(255, 90, 120) : qRgb(200, 20, 60);
}

QVector<TimelineLegendItem> timelineLegend(const SpanScene& scene, const TimelineColors& colors) {
  QVector<TimelineLegendItem> items;
  if (colors.by == ColorBy::phase) {
    const auto& isThere = scene.extent.phases;
    for (std::size_t phase = 0; phase < isThere.size(); ++phase)
      if (isThere[phase])
        items.append(
            {colors.phases[phase], phaseText(scene.document->names(), static_cast<std::uint8_t>(phase))});
    const auto overlapped = std::ranges::find(scene.document->names().passes, "forward_backward");
    const auto pass = static_cast<std::size_t>(overlapped - scene.document->names().passes.begin());
    if (pass < scene.extent.passes.size() && scene.extent.passes[pass])
      items.append({colors.passes[pass], QStringLiteral("forward and backward overlapped (zoomed out)")});
  } else {
    for (const int value : {0, colors.last / 2, colors.last})
      if (items.isEmpty() || value > 0)
        items.append({colors.ramp(value), colors.by == ColorBy::layer
                                              ? QStringLiteral("layer %1").arg(value)
                                              : microbatchText(scene.document->names(), value)});
    if (colors.by == ColorBy::layer) items.append({colors.other, QStringLiteral("no layer")});
  }
  if (scene.computation) {
    items.append({colors.exposed, QStringLiteral("exposed communication")});
    items.append({colors.idle, QStringLiteral("idle (bubble)")});
  }
  return items;
}

}  // namespace moesim::gui
