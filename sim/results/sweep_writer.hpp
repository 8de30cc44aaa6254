#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "sim/results/sweep_reader.hpp"

namespace moesim {

/// What a sweep file says about itself, see SweepReader::meta().
struct SweepHeader {
  std::string moesim_version;
  std::string grid;  ///< files of the same text hold the same sweep
  std::string kind;
  std::string axes;
  std::int64_t num_cases = 0;
};

/// The one writer of a sweep file (docs/formats.md): it begins the file, or goes on with one of the same
/// header. Every case added is safe on disk after the next commit(), whatever happens to the process or the
/// machine. A fault leaves the file as it was after the last commit.
class SweepWriter {
 public:
  /// Throws OutputError where another writer works on the file, it holds another sweep, or cannot be written,
  /// RunError where it is no sweep file, of another version, damaged, or locked for 10 s.
  SweepWriter(const std::filesystem::path& path, const SweepHeader& header);
  ~SweepWriter();
  SweepWriter(const SweepWriter&) = delete;
  SweepWriter& operator=(const SweepWriter&) = delete;

  /// Whether the case is in the file, done or failed.
  [[nodiscard]] bool has(std::int64_t index) const;
  [[nodiscard]] std::int64_t num_cases(SweepCaseState state) const;

  /// Adds a case that is done or failed and not in the file; commits once there are 64.
  void add(const SweepCase& ended);
  /// Commits what is older than half a second.
  void commit_old();
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moesim
