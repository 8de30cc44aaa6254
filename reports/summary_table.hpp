#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim {

/// The summary of a result document for a terminal: what ran, every key of result["summary"] with readable
/// units, beside it the published figures of result["scenario"]["published"] ([{key, value, unit, source}],
/// `key` a dotted path into the summary) with the error against them, p10 and p90 of
/// result["uncertainty"] where it is there, and below it the engine, the origin of
/// simulated time, other parts of the document, sources and warnings. Absent parts are left out; unknown keys
/// are shown by their names.
std::string summary_table(const Json& result);

}  // namespace moesim
