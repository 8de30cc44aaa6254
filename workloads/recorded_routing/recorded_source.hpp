#pragma once

#include <optional>
#include <string>

#include "base/spec.hpp"

namespace moesim {

/// A recording in place of a simulated router: one of the two files, relative to the scenario.
struct RecordedSource {
  std::optional<std::string> ids;     ///< [token][layer][choice]
  std::optional<std::string> counts;  ///< by step, layer and expert
  std::optional<int> layers;          ///< of raw ids, which do not say it
};
const Spec<RecordedSource>& spec_of(const RecordedSource*);

}  // namespace moesim
