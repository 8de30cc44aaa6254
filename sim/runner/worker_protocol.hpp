#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/spec.hpp"

namespace moesim {

/// One case for a worker process: a line of JSON on its stdin. The worker answers each on its stdout, in
/// order, with lines
/// {"event": ..., "id": ...}: "start"; "progress" {fraction, what}; "warning" {text}; last one of
///   "done"  {result}                                       the result document,
///   "error" {kind, exit_code, faults: [{file, pointer, what, hint}]}   what the case did wrong,
///   "error" {..., crashed: true}                           the process of the case ended by itself.
/// A case is a process where its engine asks for one: SimGrid allows one engine per process.
struct WorkerRequest {
  std::string id;
  std::string file;  ///< names the scenario in errors; paths in it are relative to it
  RawJson scenario;
  std::optional<std::uint64_t> seed;  ///< instead of the scenario's
  std::vector<std::string> exclude_sources;
  bool waterfall = false;
};
const Spec<WorkerRequest>& spec_of(const WorkerRequest*);

/// The line of a request, without a newline.
std::string request_line(const WorkerRequest& request);
/// Throws SpecError for a line that is no request.
WorkerRequest read_request(std::string_view line);

/// Called with a fraction in [0, 1] and what is being done.
using Progress = std::function<void(double fraction, std::string_view what)>;
/// Runs one case; throws what a run throws.
using RunRequest = std::function<Json(const WorkerRequest& request, const Progress& progress)>;

/// run_scenario() with what the request says, without records. Throws SpecError for an unknown source too.
Json run_request(const WorkerRequest& request, const Progress& progress);

/// How one case ended: with a result document or a message. `exit_code` is 0 with a result, else what a
/// process that runs the case alone would end with.
struct WorkerOutcome {
  std::optional<RawJson> result;
  int exit_code = 0;
  std::string message;
};

/// Runs requests and gives their outcomes in the same order. What a case does wrong is its outcome's.
using RunRequests = std::function<std::vector<WorkerOutcome>(const std::vector<WorkerRequest>& requests)>;

/// The requests one after the other in this process. For replays and tests.
std::vector<WorkerOutcome> run_requests_here(const std::vector<WorkerRequest>& requests,
                                             const RunRequest& run);

}  // namespace moesim
