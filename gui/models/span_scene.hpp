#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/run_document.hpp"
#include "gui/models/span_query.hpp"

namespace moesim::gui {

/// Which numbers the spans of a timeline have.
struct SpanExtent {
  std::array<bool, 256> phases{};  ///< whether a span is of it
  std::array<bool, 256> passes{};
  int lastMicrobatch = 0;
  int lastLayer = 0;
};

/// What spans are coloured by, a number each in the order of the timeline: a picture reads far less memory
/// than from the spans.
struct SpanLooks {
  std::vector<std::uint16_t> phases;  ///< 256 phase + pass
  std::vector<std::uint16_t> microbatches;
  std::vector<std::int16_t> layers;
};

/// What a picture of a timeline is made of besides its spans. Immutable, shared between threads.
struct SpanScene {
  DocumentPtr document;                                   ///< never null
  std::optional<std::uint8_t> computation;                ///< lane
  std::shared_ptr<const pictures::SpanTimeline> exposed;  ///< exposed_communication(); never null
  SpanExtent extent;
  std::shared_ptr<const SpanLooks> looks;  ///< null in a bare scene
  SpanQuery query;
  std::shared_ptr<const pictures::SpanTimeline> lit;  ///< spans that the query lights; null where it does not

  [[nodiscard]] const pictures::SpanTimeline& timeline() const { return document->timeline(); }
};
using SpanScenePtr = std::shared_ptr<const SpanScene>;

/// The scene without exposed communication, extent and search: immediate.
SpanScenePtr bareScene(const DocumentPtr& document);
/// The whole scene for a search, reusing `before` where it is of the same document: O(spans log spans), not
/// on the GUI thread. Null where `goesOn` ended it.
SpanScenePtr wholeScene(const SpanScenePtr& before, const QString& searchText,
                        const std::function<bool()>& goesOn);

}  // namespace moesim::gui
