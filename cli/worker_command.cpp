#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "sim/runner/worker_loop.hpp"

namespace moesim::cli {
namespace {

/// run_request(), with a PlanError that names the file.
Json run_case(const WorkerRequest& request, const Progress& progress) {
  try {
    return run_request(request, progress);
  } catch (const PlanError& error) {
    throw ScenarioPlanError(error, request.file);
  }
}

}  // namespace

Action declare_worker(CLI::App& app) {
  app.footer(
      "Reads one case a line: {\"id\", \"scenario\", \"file\"?, \"seed\"?, \"exclude_sources\"?, "
      "\"waterfall\"?}. Answers\n"
      "each with events, one a line: {\"event\": \"start|progress|warning|done|error\", \"id\", ...}.\n"
      "\n"
      "Examples:\n"
      "  moesim worker < cases.ndjson\n"
      "  jq -c '{id: \"v3\", scenario: .}' scenario.json | moesim worker");
  return [] {
    serve_requests(STDIN_FILENO, std::cout, run_case,
                   [](const std::exception_ptr& fault) { return error_event(failure_of(fault)); });
    return ExitCode::kDone;
  };
}

}  // namespace moesim::cli
