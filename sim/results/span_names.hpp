#pragma once

#include <string>
#include <vector>

namespace moesim {

/// Names of the numbers in spans, for readers of records, which know no schedule. A record file keeps them in its meta
/// keys "phases", "lanes" and "passes", each a JSON array of texts.
struct SpanNames {
  std::vector<std::string> phases;  ///< by Span::phase
  std::vector<std::string> lanes;   ///< by Span::lane
  std::vector<std::string> passes;  ///< by Span::pass
};

}  // namespace moesim
