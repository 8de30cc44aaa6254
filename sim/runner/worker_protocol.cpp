#include "sim/runner/worker_protocol.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {

const Spec<WorkerRequest>& spec_of(const WorkerRequest*) {
  using R = WorkerRequest;
  static const Spec<R> spec =
      Spec<R>("worker request", "One case for a worker process.")
          .field("id", &R::id, "names the case in events", non_empty())
          .field("file", &R::file, "names the scenario in errors; paths in it are relative to it", optional())
          .field("scenario", &R::scenario, "the scenario document")
          .field("seed", &R::seed, "instead of the scenario's")
          .field("exclude_sources", &R::exclude_sources, "ids of sources left out", optional())
          .field("waterfall", &R::waterfall, "split the result by cause", optional());
  return spec;
}

std::string request_line(const WorkerRequest& request) {
  std::string line = write_json(write_spec(request), -1);
  line.pop_back();  // the newline
  return line;
}

WorkerRequest read_request(std::string_view line) {
  return read_spec<WorkerRequest>(parse_json(line, "request"), "request");
}

std::vector<WorkerOutcome> run_requests_here(const std::vector<WorkerRequest>& requests,
                                             const RunRequest& run) {
  std::vector<WorkerOutcome> outcomes;
  for (const WorkerRequest& request : requests) {
    WorkerOutcome& outcome = outcomes.emplace_back();
    try {
      outcome.result = RawJson{write_json(run(request, {}), -1)};
    } catch (const LocatedError& error) {
      outcome = {{}, static_cast<int>(ExitCode::kInvalid), error.what()};
    } catch (const PlanError& error) {
      outcome = {{}, static_cast<int>(ExitCode::kInvalid), error.what()};
    } catch (const std::exception& error) {
      outcome = {{}, static_cast<int>(ExitCode::kRunFailed), error.what()};
    }
  }
  return outcomes;
}

}  // namespace moesim
