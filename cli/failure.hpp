#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace moesim::cli {

/// A PlanError with the file that holds the scenario, and a table for people that explains it or is empty.
struct ScenarioPlanError : PlanError {
  ScenarioPlanError(const PlanError& error, std::string file_, std::string table_ = {})
      : PlanError(error), file(std::move(file_)), table(std::move(table_)) {}
  std::string file;
  std::string table;
};

/// One thing that is wrong; empty texts where they do not apply.
struct Fault {
  std::string file;
  std::string pointer;
  std::string what;
  std::string hint;

  /// "FILE: POINTER: WHAT; HINT" without the empty parts.
  [[nodiscard]] std::string text() const;
};

/// Why the program ends, from the exception that reached its edge.
struct Failure {
  ExitCode code = ExitCode::kRunFailed;
  std::string kind;           ///< "spec", "calibration", "plan", "output" or "run"
  std::vector<Fault> faults;  ///< never empty
  std::string table{};        ///< to be shown once, below the faults; no part of error_event()
};

Failure failure_of(const std::exception_ptr& exception);

/// {"event": "error", "kind", "exit_code", "faults": [{"file", "pointer", "what", "hint"}]}.
Json error_event(const Failure& failure);

}  // namespace moesim::cli
