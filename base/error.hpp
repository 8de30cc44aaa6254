#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

/// How a process of this program ends.
enum class ExitCode : int {
  kDone = 0,
  kRunFailed = 1,
  kUsage = 2,
  kInvalid = 3,  ///< a spec, plan, calibration or output path is not usable
  kOutsideTolerance = 4,
  kInterrupted = 130,
};

/// Something wrong at one place of one input file. what() is "FILE: POINTER: WHAT; HINT" without the empty
/// parts.
struct LocatedError : std::runtime_error {
  LocatedError(std::string file, std::string pointer, std::string what, std::string hint);
  std::string file;       ///< path as the user gave it, or "-"
  std::string pointer;    ///< JSON pointer, empty for the whole document
  std::string what_text;  ///< the fault alone
  std::string hint;       ///< what to do about it, or empty
};

/// A spec cannot be read or says something out of its range. Exit code 3.
struct SpecError : LocatedError {
  using LocatedError::LocatedError;
};

/// A calibration or stack lacks or contradicts what a run needs. Exit code 3.
struct CalibrationError : LocatedError {
  using LocatedError::LocatedError;
};

/// A valid spec that cannot be carried out; names every violation at once. Exit code 3.
struct PlanError : std::runtime_error {
  struct Violation {
    std::string pointer;  ///< JSON pointer into the scenario
    std::string what;     ///< one line
    std::string hint;
  };
  explicit PlanError(std::vector<Violation> all);
  std::vector<Violation> violations;
};

/// A run that started could not be finished. Exit code 1.
struct RunError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A result cannot be written to `path`. Exit code 3.
struct OutputError : std::runtime_error {
  OutputError(std::string path, std::string what, std::string hint);
  std::string path;
  std::string what_text;
  std::string hint;
};

/// A text is no quantity of the wanted dimension. `hint` names an example.
struct UnitError : std::runtime_error {
  UnitError(const std::string& what, std::string hint);
  std::string hint;
};

/// Edits between two texts in bytes: insertions, deletions, substitutions and swaps of neighbours cost 1
/// (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the least edit distance to `word`, the first of equals; empty when none is near,
/// that is within a third of the longer length (at least 1).
std::string nearest(std::string_view word, std::span<const std::string> candidates);
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace moesim
