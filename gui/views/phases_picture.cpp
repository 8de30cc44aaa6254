#include "gui/views/phases_picture.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "reports/metric.hpp"

namespace moesim::gui {
namespace {

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

double numberIn(const Json& object, const std::string& key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number() ? at->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// The numbers of an object of the summary as bars at the categories of the picture, which it may extend.
void addBars(const Json& values, const QString& name, int color, int group, PlotPicture& picture) {
  PlotBars bars;
  bars.name = name;
  bars.color = color;
  bars.group = group;
  for (const auto& [key, value] : values.items()) {
    const QString label = text(metric_label(key));
    if (!picture.x.categories.contains(label)) picture.x.categories.append(label);
  }
  bars.values = QVector<double>(picture.x.categories.size(), std::numeric_limits<double>::quiet_NaN());
  for (const auto& [key, value] : values.items())
    bars.values[picture.x.categories.indexOf(text(metric_label(key)))] = numberIn(values, key);
  picture.panels[0].bars.append(bars);
}

}  // namespace

PlotPicture phasesPicture(const RunDocument& first, const RunDocument* second) {
  PlotPicture picture;
  PlotPanel panel;
  panel.y.label = QStringLiteral("time of a step");
  panel.y.unit = MetricUnit::seconds;
  panel.y.startsAtZero = true;
  picture.panels.append(panel);
  int group = 0;
  for (const RunDocument* document : {&first, second}) {
    if (!document) continue;
    const QString title = second ? QStringLiteral(", %1").arg(document->title()) : QString();
    const std::pair<const char*, QString> kGroups[] = {
        {"phases_s", QStringLiteral("first pipeline rank")},
        {"phases_mean_s", QStringLiteral("mean over pipeline ranks")}};
    for (const auto& [key, name] : kGroups) {
      const auto at = document->summary().find(key);
      if (at == document->summary().end() || !at->is_object() || at->empty()) continue;
      addBars(*at, name + title, group, group, picture);
      ++group;
    }
  }
  if (picture.panels[0].bars.isEmpty()) picture.panels.clear();
  return picture;
}

QString ratesText(const RunDocument& document) {
  struct Rate {
    const char* key;
    const char* unit;
  };
  static constexpr Rate kRates[] = {{"tokens_per_s", "tokens/s"},
                                    {"tokens_per_s_per_gpu", "tokens/s and GPU"},
                                    {"mfu_causal", "MFU, causal"},
                                    {"tflops_per_gpu_causal", "per GPU, causal"},
                                    {"input_tokens_per_s_per_node", "input tokens/s and prefill node"},
                                    {"output_tokens_per_s_per_node", "output tokens/s and decode node"},
                                    {"output_tokens_per_s_per_user", "tokens/s and user"},
                                    {"prefix_hit_fraction", "prefix hits"},
                                    {"max_violation_batch", "MaxVio"},
                                    {"balancedness_mean", "balancedness"}};
  QStringList texts;
  for (const Rate& rate : kRates) {
    const double value = numberIn(document.summary(), rate.key);
    if (!std::isfinite(value)) continue;
    texts.append(QStringLiteral("%1 %2").arg(text(metric_text(value, unit_of_key(rate.key))),
                                             QString::fromLatin1(rate.unit)));
  }
  return texts.join(QStringLiteral(" \u00b7 "));
}

}  // namespace moesim::gui
