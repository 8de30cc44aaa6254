#pragma once

#include <QString>
#include <array>
#include <optional>

#include "reports/pictures/span_timeline.hpp"
#include "sim/results/span_names.hpp"

namespace moesim::gui {

/// What ViewState::searchText() asks of a timeline. Terms that must all hold: "rank 3", "gpu 3", "layer 5",
/// "micro-batch 7" (or "mb 7", "request 7"), also with a colon; any other word is to be part of the name of
/// the phase, the pass or the lane.
class SpanQuery {
 public:
  SpanQuery() = default;
  SpanQuery(const QString& text, const SpanNames& names);

  /// Whether rows are left out.
  [[nodiscard]] bool filtersRows() const { return m_rank || m_gpu; }
  [[nodiscard]] bool matchesRow(const pictures::TimelineRow& row) const {
    return (!m_rank || *m_rank == row.rank) && (!m_gpu || *m_gpu == row.gpu);
  }
  /// Whether spans are lit.
  [[nodiscard]] bool lightsSpans() const { return m_layer || m_microbatch || m_hasWords; }
  [[nodiscard]] bool matches(const Span& span) const {
    return (!m_rank || *m_rank == span.rank) && (!m_gpu || *m_gpu == span.gpu) &&
           (!m_layer || *m_layer == span.layer) && (!m_microbatch || *m_microbatch == span.microbatch) &&
           (!m_hasWords || holdsWords(span));
  }

 private:
  [[nodiscard]] bool holdsWords(const Span& span) const {
    return (m_phases[span.phase] | m_passes[span.pass] | m_lanes[span.lane]) == m_allWords;
  }

  std::optional<int> m_rank;
  std::optional<int> m_gpu;
  std::optional<int> m_layer;
  std::optional<int> m_microbatch;
  bool m_hasWords = false;
  // Bit i: the name holds word i.
  using Words = std::array<std::uint32_t, 256>;
  std::uint32_t m_allWords = 0;
  Words m_phases{};
  Words m_passes{};
  Words m_lanes{};
};

}  // namespace moesim::gui
