#pragma once

#include <iosfwd>
#include <string>

#include "base/json.hpp"
#include "workloads/requests/request.hpp"

namespace moesim {

/// What the requests of a source are like, read to its end: {requests, span_s, requests_per_s, input_tokens,
/// output_tokens {mean, p50, p90, max}} and, of requests with hashed blocks, {prefix_hit_fraction: {blocks,
/// tokens}} of a cache that never forgets. Percentiles are the value at the lower of two ranks.
Json trace_figures(RequestSource& source);

/// Writes the requests as lines of Mooncake's traces: timestamp in whole ms, input_length, output_length,
/// hash_ids numbered in order of appearance. Blocks must be of 512 tokens, as the format has them: throws
/// SpecError with `file` for others.
void write_mooncake(RequestSource& source, std::ostream& out, const std::string& file);

}  // namespace moesim
