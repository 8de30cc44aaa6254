#include "cli/worker_children.hpp"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/progress.hpp"
#include "sim/runner/worker_pool.hpp"

namespace moesim::cli {

std::vector<WorkerOutcome> run_in_workers(const std::vector<WorkerRequest>& requests, int num_workers) {
  ProgressBar bar(STDERR_FILENO, stderr_is_terminal());
  std::size_t finished = 0;
  WorkerPool pool;
  pool.command = {std::filesystem::read_symlink("/proc/self/exe").string(), "worker"};
  pool.num_workers = num_workers;
  pool.on_event = [&](std::size_t index, const Json& event) {
    const std::string name = event.value("event", std::string());
    if (name == "done" || name == "error") ++finished;
    bar.update(static_cast<double>(finished) / static_cast<double>(requests.size()), requests[index].id);
  };
  return run_requests(pool, requests);
}

}  // namespace moesim::cli
