#pragma once

#include <string>
#include <vector>

#include "workloads/requests/request.hpp"

namespace moesim {

/// A trace in memory, in order of arrival, the first at time 0.
struct RequestTrace {
  std::vector<Request> requests;
  std::vector<std::string> warnings;
  bool has_blocks = false;
};

/// Reads a trace, gzipped or plain, by its content: Mooncake's JSONL (timestamp in ms, input_length,
/// output_length, hash_ids of blocks of 512 tokens), Azure's CSV (TIMESTAMP, ContextTokens, GeneratedTokens)
/// or BurstGPT's CSV (Timestamp in s, Request tokens, Response tokens; Session ID). Rows whose times go
/// backwards are put in order with a warning; an output of 0 counts as 1 with a warning. Throws SpecError
/// naming the file and the line for a missing file, column or number.
RequestTrace read_request_trace(const std::string& path);

}  // namespace moesim
