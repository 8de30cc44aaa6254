#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "base/error.hpp"
#include "base/json.hpp"
#include "sim/runner/worker_protocol.hpp"
#include "sim/validation/case_file.hpp"

namespace moesim {

struct ValidationOptions {
  SourceSet excluded_sources;         ///< besides those of each case, by cases that know them
  std::optional<std::uint64_t> seed;  ///< instead of the scenarios'
  RunRequests run;                    ///< e.g. run_requests() of a WorkerPool
};

/// Runs every case below `paths` (see read_cases) and compares. The document: {schema_version, kind:
/// "validation", cases:
/// [{id, title, role, family?, metric, published, unit, predicted, error_fraction, variants?, low?, high?,
/// low_variant?, high_variant?, tolerance, status, source, message?}], skipped_variants?: [{id, variant,
/// reason}], summary: {cases, figures, median_abs_error, p90_abs_error, max_abs_error,
/// passed, outside, failed}}; values that are not there are null. The statistics are over checks (see
/// ErrorStatistics), the counts over all figures. Throws SpecError before anything runs where a case file is
/// faulty, a check is none or a source is unknown.
Json validate(std::span<const std::filesystem::path> paths, const ValidationOptions& options);

/// kDone where every figure passes, else kRunFailed where one has no prediction, else kOutsideTolerance.
ExitCode exit_code_of_validation(const Json& document);

}  // namespace moesim
