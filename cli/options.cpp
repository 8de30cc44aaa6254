#include "cli/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim::cli {
namespace {

constexpr int kMaxThreads = 1024;

}  // namespace

CLI::Option* add_file_option(CLI::App& app, const std::string& name, std::string& target,
                             const std::string& doc) {
  CLI::Option* option = app.add_option(name, target, doc)->type_name("FILE|-");
  require_text(*option);
  return option;
}

void add_json_option(CLI::App& app, std::string& target) {
  add_file_option(app, "--json", target, "Write the result as JSON to a file, or to standard output with -");
}

void add_seed_option(CLI::App& app, std::optional<std::uint64_t>& seed) {
  CLI::Option* option = app.add_option("--seed", seed, "Seed instead of the scenario's")->type_name("N");
  require_whole_number(*option, 0, std::numeric_limits<std::uint64_t>::max());
}

void add_threads_option(CLI::App& app, int& threads) {
  threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
  CLI::Option* option =
      app.add_option("--threads", threads,
                     "Threads, by default the number of processors; no result depends on them")
          ->type_name("N");
  require_whole_number(*option, 1, kMaxThreads);
}

void add_exclude_option(CLI::App& app, std::vector<std::string>& ids) {
  app.add_option(kExcludeOption, ids, "Leave out what this source says; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
}

void require_whole_number(CLI::Option& option, std::uint64_t low, std::uint64_t high) {
  const auto check = [low, high](const std::string& text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool leading_zero = text.size() > 1 && text[0] == '0';
    const bool is_one = error == std::errc() && stop == end && !leading_zero && value >= low && value <= high;
    return is_one ? std::string() : fmt::format("'{}' is no whole number from {} to {}", text, low, high);
  };
  option.check(CLI::Validator(check, ""));
}

void require_text(CLI::Option& option) {
  const auto check = [](const std::string& text) {
    return text.empty() ? "the name is empty" : std::string();
  };
  option.check(CLI::Validator(check, ""));
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
