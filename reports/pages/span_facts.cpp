#include "reports/pages/span_facts.hpp"

#include <algorithm>
#include <limits>

namespace moesim {

void for_each_span_of(const StoreReader& records, double from_s, double to_s,
                      const std::function<void(const Span&)>& visit) {
  records.for_each_chunk(from_s, to_s, [&](const std::vector<Span>& spans) {
    for (const Span& span : spans) {
      if (span.end_s >= from_s && span.start_s <= to_s) visit(span);
    }
  });
}

SpanFacts span_facts(const StoreReader& records) {
  constexpr double kAll = std::numeric_limits<double>::infinity();
  SpanFacts facts;
  facts.names = read_span_names(records);
  std::map<int, std::vector<double>> busy_until;  // spans come in the order of their ends
  for_each_span_of(records, -kAll, kAll, [&](const Span& span) {
    facts.end_s = std::max(facts.end_s, span.end_s);
    const auto [gpu, is_new] = facts.gpus.try_emplace(span.rank, span.gpu);
    if (gpu->second != span.gpu) return;
    if (span.lane == 0) ++facts.num_computations;
    std::vector<double>& busy = facts.busy_s[span.rank];
    std::vector<double>& until = busy_until[span.rank];
    if (busy.size() <= span.lane) {
      busy.resize(span.lane + 1U);
      until.resize(span.lane + 1U);
    }
    busy[span.lane] += std::max(span.end_s - std::max(span.start_s, until[span.lane]), 0.0);
    until[span.lane] = std::max(until[span.lane], span.end_s);
  });
  return facts;
}

}  // namespace moesim
