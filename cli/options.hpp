#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace moesim::cli {

/// --json FILE|-
void add_json_option(CLI::App& app, std::string& target);
/// --seed N
void add_seed_option(CLI::App& app, std::optional<std::uint64_t>& seed);
/// --threads N, by default the number of processors.
void add_threads_option(CLI::App& app, int& threads);
inline constexpr const char* kExcludeOption = "--exclude-source";
/// --exclude-source ID, repeated.
void add_exclude_option(CLI::App& app, std::vector<std::string>& ids);

/// Refuses what is none of `names`, with the nearest one. Help shows them as {a,b}.
void require_one_of(CLI::Option& option, const std::vector<std::string>& names);

}  // namespace moesim::cli
