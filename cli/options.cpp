#include "cli/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim::cli {
namespace {

constexpr int kMaxThreads = 1024;

}  // namespace

void add_json_option(CLI::App& app, std::string& target) {
  app.add_option("--json", target, "Write the result as JSON to a file, or to standard output with -")
      ->type_name("FILE|-");
}

void add_seed_option(CLI::App& app, std::optional<std::uint64_t>& seed) {
  app.add_option("--seed", seed, "Seed instead of the scenario's")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
}

void add_threads_option(CLI::App& app, int& threads) {
  threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
  app.add_option("--threads", threads, "Threads; no result depends on them")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxThreads))
      ->capture_default_str();
}

void add_exclude_option(CLI::App& app, std::vector<std::string>& ids) {
  app.add_option(kExcludeOption, ids, "Leave out what this source says; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
}

void require_one_of(CLI::Option& option, const std::vector<std::string>& names) {
  const auto check = [names](const std::string& text) {
    if (std::ranges::find(names, text) != names.end()) return std::string();
    const std::string near = nearest(text, names);
    return near.empty() ? fmt::format("'{}' is none of {}", text, fmt::join(names, ", "))
                        : fmt::format("'{}' is unknown; did you mean '{}'?", text, near);
  };
  option.check(CLI::Validator(check, fmt::format("{{{}}}", fmt::join(names, ","))));
}

}  // namespace moesim::cli
