#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "sim/results/span_names.hpp"
#include "sim/results/store.hpp"

namespace moesim {

/// What the spans of a record file say as a whole.
struct SpanFacts {
  SpanNames names;
  double end_s = 0;                   ///< of the last span
  std::map<int, int> gpus;            ///< the first GPU of each rank, which pictures show
  std::int64_t num_computations = 0;  ///< spans of lane 0 of those GPUs
  /// Seconds that each lane of those GPUs works, by rank and lane; what works at once counts once.
  std::map<int, std::vector<double>> busy_s;
};

/// One pass over the records; memory is that of one chunk. Throws RunError for damaged ones.
SpanFacts span_facts(const StoreReader& records);

/// Every span that meets [from_s, to_s].
void for_each_span_of(const StoreReader& records, double from_s, double to_s,
                      const std::function<void(const Span&)>& visit);

}  // namespace moesim
