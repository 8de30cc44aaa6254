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

/// An option that names a file or "-"; an empty text is refused.
CLI::Option* add_file_option(CLI::App& app, const std::string& name, std::string& target,
                             const std::string& doc);
/// --json FILE|-
void add_json_option(CLI::App& app, std::string& target);
/// --seed N
void add_seed_option(CLI::App& app, std::optional<std::uint64_t>& seed);
/// --threads N, by default the number of processors.
void add_threads_option(CLI::App& app, int& threads);
inline constexpr const char* kExcludeOption = "--exclude-source";
/// --exclude-source ID, repeated.
void add_exclude_option(CLI::App& app, std::vector<std::string>& ids);

/// Refuses what is no decimal whole number from `low` to `high`: signs, leading zeros, fractions and units.
void require_whole_number(CLI::Option& option, std::uint64_t low, std::uint64_t high);
/// Refuses an empty text.
void require_text(CLI::Option& option);
/// Refuses what is none of `names`, with the nearest one. Help shows them as {a,b}.
void require_one_of(CLI::Option& option, const std::vector<std::string>& names);

}  // namespace moesim::cli
