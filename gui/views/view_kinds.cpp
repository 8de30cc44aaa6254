#include "gui/views/view_kinds.hpp"

#include <algorithm>
#include <array>

#include "gui/views/compare_view.hpp"
#include "gui/views/latency_view.hpp"
#include "gui/views/load_view.hpp"
#include "gui/views/memory_view.hpp"
#include "gui/views/network_view.hpp"
#include "gui/views/series_view.hpp"
#include "gui/views/summary_view.hpp"
#include "gui/views/sweep_view.hpp"
#include "gui/views/timeline_view.hpp"
#include "gui/views/validation_view.hpp"

namespace moesim::gui {
namespace {

template <class Kind>
View* created(ViewState& state, QWidget* parent) {
  return new Kind(state, parent);
}

constexpr auto kViewKinds = std::to_array<ViewKind>({
    {"summary", "Summary", "figures of a result, with what was published", "Ctrl+1", created<SummaryView>},
    {"expert-load", "Expert load", "tokens of experts, slots, GPUs and nodes by layer and step", "Ctrl+2",
     created<LoadView>},
    {"timeline", "Timeline", "what runs when on which GPU", "Ctrl+3", created<TimelineView>},
    {"throughput", "Throughput", "curves over time: batch, queue, KV cache, nodes, rates", "Ctrl+4",
     created<SeriesView>},
    {"latency", "Latency", "percentiles of TTFT, TPOT, ITL and E2E, and how step times are spread", "Ctrl+5",
     created<LatencyView>},
    {"sweep", "Sweep", "cases of a sweep or a search: any figure against any other", "Ctrl+6",
     created<SweepView>},
    {"network", "Network", "nodes and GPUs, traffic between GPUs, the busiest links", "Ctrl+7",
     created<NetworkView>},
    {"memory", "Memory", "what takes the memory of a GPU, by pipeline rank or pool", "Ctrl+8",
     created<MemoryView>},
    {"validation", "Validation", "predicted against published figures, with their sources", "Ctrl+9",
     created<ValidationView>},
    {"compare", "Compare", "figures of two results with their differences, and the inputs that differ",
     "Ctrl+0", created<CompareView>},
});

}  // namespace

std::span<const ViewKind> viewKinds() {
  return kViewKinds;
}

const ViewKind* findViewKind(const QString& name) {
  const auto at = std::ranges::find_if(
      kViewKinds, [&](const ViewKind& kind) { return name == QLatin1String(kind.name); });
  return at == kViewKinds.end() ? nullptr : &*at;
}

}  // namespace moesim::gui
