#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

inline constexpr int kSweepGridVersion = 1;
/// The most cases of a sweep.
inline constexpr std::uint64_t kMaxSweepCases = 1'000'000;

/// One case of a list: what it changes in the scenario.
struct SweepGridCase {
  std::string name;                    ///< for readers; empty: what it changes
  std::map<std::string, RawJson> set;  ///< value by pointer
};
const Spec<SweepGridCase>& spec_of(const SweepGridCase*);

/// A grid of scenarios as its file says it: (the scenario, or each of several, or each case of a list) x
/// every combination of the varied values x every seed.
struct SweepGridFile {
  int schema_version = kSweepGridVersion;
  std::optional<RawJson>
      scenario;                    ///< name of a shipped one, path relative to the grid file, or the document
  std::vector<RawJson> scenarios;  ///< the same, several of one kind
  std::map<std::string, std::vector<RawJson>> vary;  ///< values by pointer
  std::vector<SweepGridCase> cases;
  std::vector<std::uint64_t> seeds;
};
const Spec<SweepGridFile>& spec_of(const SweepGridFile*);

}  // namespace moesim
