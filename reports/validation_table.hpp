#pragma once

#include <string>

#include "base/json.hpp"

namespace moesim {

enum class TableForm { text, markdown };

/// The table of a validation result {cases: [{id, metric, published, predicted, error_fraction, source, role,
/// tolerance, status, family?, variants?, low?, high?, low_variant?, high_variant?, message?}],
/// skipped_variants?: [{id, variant, reason}], summary: {cases, median_abs_error, p90_abs_error,
/// max_abs_error}}: the figures of one role after the other (check, fit, range), then the statistics of the
/// checks, which variants gave the ends of each range and which could not be, and what went wrong. Values
/// stand in the unit that `metric` names; a range shows "low to high (N variants)" as its prediction.
std::string validation_table(const Json& result, TableForm form);

}  // namespace moesim
