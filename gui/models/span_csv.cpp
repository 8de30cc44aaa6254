#include "gui/models/span_csv.hpp"

#include <fmt/format.h>

#include <iterator>

#include "reports/csv.hpp"

namespace moesim::gui {

QString spansCsv(const RunDocument& document, TimeRange range, std::size_t most) {
  const pictures::SpanTimeline& timeline = document.timeline();
  const SpanNames& names = document.names();
  fmt::memory_buffer text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "start_s,end_s,gpu,rank,layer,microbatch,phase,lane,pass\r\n");
  std::size_t num = 0;
  for (std::size_t row = 0; row < timeline.rows().size(); ++row) {
    const auto shown = timeline.within(row, range.start, range.end);
    for (std::size_t i = shown.first; i < shown.end; ++i) {
      const Span& span = timeline.spans()[i];
      if (span.end_s <= range.start && span.start_s < range.start) continue;
      if (num++ >= most) continue;
      fmt::format_to(out, "{},{},{},{},{},{},{},{},{}\r\n", span.start_s, span.end_s, span.gpu, span.rank,
                     span.layer, span.microbatch, csv_field(name_or_index(names.phases, span.phase, "phase")),
                     csv_field(name_or_index(names.lanes, span.lane, "lane")),
                     csv_field(name_or_index(names.passes, span.pass, "pass")));
    }
  }
  if (num > most) fmt::format_to(out, "# {} more spans are left out: show less time\r\n", num - most);
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace moesim::gui
