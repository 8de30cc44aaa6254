#include "cli/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <thread>

namespace moesim::cli {
namespace {

constexpr int kMaxThreads = 1024;

}  // namespace

void add_json_option(CLI::App& app, std::string& target) {
  app.add_option("--json", target, "Write the result as JSON to a file, or to standard output with -")
      ->type_name("FILE|-");
}

void add_threads_option(CLI::App& app, int& threads) {
  threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
  app.add_option("--threads", threads, "Threads; no result depends on them")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxThreads))
      ->capture_default_str();
}

void add_exclude_option(CLI::App& app, std::vector<std::string>& ids) {
  app.add_option("--exclude-source", ids, "Leave out what this source says; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
}

}  // namespace moesim::cli
