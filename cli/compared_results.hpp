#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace moesim::cli {

/// What `moesim compare` puts side by side, and how its scenarios are run.
struct CompareArguments {
  std::vector<std::string> items;    ///< scenarios, result files and folders of `run -o`
  std::vector<std::string> changes;  ///< --set of every scenario
  std::vector<std::string> varied;   ///< --vary: each one more column, the first scenario with that change
  std::string engine;                ///< instead of the scenarios'; may be empty
  std::string price;                 ///< instead of their clusters'; may be empty
  std::optional<std::uint64_t> seed;
  int threads = 1;
};

/// The file that an item is read from: summary.json of a folder, else as scenario_file() finds it.
std::string compared_file(const std::string& item);

/// {"name", "file", "result", "memory"?} of every item, then of every --vary, in order: results are read,
/// scenarios run in workers, with their waterfall. Names are the shortest that tell them apart. Throws
/// SpecErrors with every scenario's faults, UsageError where an option would change a result.
Json load_compared(const CompareArguments& arguments);

}  // namespace moesim::cli
