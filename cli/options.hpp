#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace moesim::cli {

/// --json FILE|-
void add_json_option(CLI::App& app, std::string& target);
/// --threads N, by default the number of processors.
void add_threads_option(CLI::App& app, int& threads);
/// --exclude-source ID, repeated.
void add_exclude_option(CLI::App& app, std::vector<std::string>& ids);

}  // namespace moesim::cli
