#include "gui/models/span_scene.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "gui/models/span_text.hpp"
#include "reports/pictures/span_exposure.hpp"

namespace moesim::gui {
namespace {

constexpr std::size_t kAskEvery = 1U << 16U;  ///< spans

std::shared_ptr<const pictures::SpanTimeline> litSpans(const pictures::SpanTimeline& timeline,
                                                       const SpanQuery& query,
                                                       const std::function<bool()>& goesOn) {
  std::vector<Span> spans;
  for (std::size_t i = 0; i < timeline.spans().size(); ++i) {
    if (i % kAskEvery == 0 && !goesOn()) return nullptr;
    if (query.matches(timeline.spans()[i])) spans.push_back(timeline.spans()[i]);
  }
  return std::make_shared<const pictures::SpanTimeline>(std::move(spans), [&](double) { return goesOn(); });
}

std::shared_ptr<const SpanLooks> looksOf(const pictures::SpanTimeline& timeline) {
  auto looks = std::make_shared<SpanLooks>();
  for (auto* numbers : {&looks->phases, &looks->microbatches}) numbers->reserve(timeline.spans().size());
  looks->layers.reserve(timeline.spans().size());
  for (const Span& span : timeline.spans()) {
    looks->phases.push_back(static_cast<std::uint16_t>(span.phase << 8U | span.pass));
    looks->microbatches.push_back(span.microbatch);
    looks->layers.push_back(span.layer);
  }
  return looks;
}

SpanExtent extentOf(const pictures::SpanTimeline& timeline) {
  SpanExtent extent;
  for (const Span& span : timeline.spans()) {
    extent.phases[span.phase] = true;
    extent.passes[span.pass] = true;
    extent.lastMicrobatch = std::max<int>(extent.lastMicrobatch, span.microbatch);
    extent.lastLayer = std::max<int>(extent.lastLayer, span.layer);
  }
  return extent;
}

}  // namespace

SpanScenePtr bareScene(const DocumentPtr& document) {
  auto scene = std::make_shared<SpanScene>();
  scene->document = document;
  scene->computation = computationLane(document->names());
  scene->exposed = std::make_shared<const pictures::SpanTimeline>();
  return scene;
}

SpanScenePtr wholeScene(const SpanScenePtr& before, const QString& searchText,
                        const std::function<bool()>& goesOn) {
  auto scene = std::make_shared<SpanScene>(*before);
  if (scene->exposed->rows().empty() && scene->computation)
    scene->exposed = std::make_shared<const pictures::SpanTimeline>(pictures::exposed_communication(
        scene->timeline(), *scene->computation, [&](double) { return goesOn(); }));
  if (!scene->looks) {
    scene->extent = extentOf(scene->timeline());
    scene->looks = looksOf(scene->timeline());
  }
  scene->query = SpanQuery(searchText, scene->document->names());
  scene->lit = scene->query.lightsSpans() ? litSpans(scene->timeline(), scene->query, goesOn) : nullptr;
  return goesOn() ? scene : nullptr;
}

}  // namespace moesim::gui
