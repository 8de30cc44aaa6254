#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moesim {

class StoreReader;
class StoreWriter;

/// Names of the numbers in spans, for readers of records, which know no schedule. A record file keeps them in
/// its meta keys "phases", "lanes" and "passes", each a JSON array of texts.
struct SpanNames {
  std::vector<std::string> phases;  ///< by Span::phase
  std::vector<std::string> lanes;   ///< by Span::lane
  std::vector<std::string> passes;  ///< by Span::pass
};

/// names[index], or "WHAT INDEX" for an index beyond them, e.g. "phase 23".
std::string name_or_index(const std::vector<std::string>& names, std::uint8_t index, const char* what);

/// Keeps the names in a record file.
void write_span_names(const SpanNames& names, StoreWriter& records);
/// The names of a record file; empty where it has none. Throws RunError where a key holds no array of texts.
SpanNames read_span_names(const StoreReader& records);

}  // namespace moesim
