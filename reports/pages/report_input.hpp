#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"
#include "reports/report.hpp"
#include "sim/results/store.hpp"

namespace moesim {

/// What a report of one result is made of. What it points to must outlive the call; whatever is null or empty
/// is not known.
struct ReportInput {
  std::string source;                    ///< as the reader named it
  const Json* document = nullptr;        ///< the result document
  const StoreReader* records = nullptr;  ///< its records
  std::filesystem::path records_file{};  ///< the same, as a file
  const Json* schema = nullptr;          ///< JSON Schema of the scenario's kind, with defaults
  /// [{owner, name, value, unit, interval: [low, high], provenance, sources: [...], note}] of the files that
  /// the scenario names.
  const Json* constants = nullptr;
  std::string constants_note{};  ///< where they were read, or why there are none
};

}  // namespace moesim
