// A worker of the protocol whose cases do what their scenario says: {"engine": "replay"|..., "do": WHAT}.

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/runner/worker_loop.hpp"

namespace moesim {
namespace {

/// Dies once for each `file`, which remembers it.
void die_once(const std::string& file) {
  if (std::filesystem::exists(file)) return;
  std::ofstream(file) << "died";
  raise(SIGKILL);
}

Json run_scripted(const WorkerRequest& request, const Progress& progress) {
  const Json scenario = parse_json(request.scenario.text, request.file);
  const auto what = scenario.at("do").get<std::string>();
  progress(0.5, "half");
  if (what == "die") raise(SIGKILL);
  if (what == "die once") die_once(request.file);
  if (what == "exit") _exit(7);
  if (what == "babble") std::cout << "this is no event" << std::endl;
  if (what == "throw") throw RunError("no luck");
  if (what == "misspell") throw SpecError(request.file, "/do", "unknown", "try again");
  return {{"echo", scenario},
          {"seed", request.seed.value_or(0)},
          {"excluded", request.exclude_sources},
          {"process", getpid()},
          {"warnings", {"scripted"}}};
}

Json error_event(const std::exception_ptr& fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const SpecError& error) {
    return {{"event", "error"},
            {"kind", "spec"},
            {"exit_code", 3},
            {"faults",
             {{{"file", error.file},
               {"pointer", error.pointer},
               {"what", error.what_text},
               {"hint", error.hint}}}}};
  } catch (const std::exception& error) {
    return {{"event", "error"}, {"kind", "run"}, {"exit_code", 1}, {"faults", {{{"what", error.what()}}}}};
  }
}

}  // namespace
}  // namespace moesim

int main() {
  moesim::serve_requests(STDIN_FILENO, std::cout, moesim::run_scripted, moesim::error_event);
}
