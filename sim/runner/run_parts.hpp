#pragma once

#include <chrono>

#include "sim/runner/scenario_kinds.hpp"

namespace moesim {

/// Tells the observer where a run is and how long its parts took.
class RunParts {
 public:
  explicit RunParts(const RunOptions& options) : options_(options) {}

  /// Ends the part before and begins `name`.
  void begin(double fraction, const char* name) {
    end();
    name_ = name;
    since_ = std::chrono::steady_clock::now();
    if (options_.progress) options_.progress(fraction, name);
  }
  void end() {
    if (name_ == nullptr || options_.stats == nullptr) return;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - since_;
    options_.stats->parts_s.emplace_back(name_, elapsed.count());
    name_ = nullptr;
  }

 private:
  const RunOptions& options_;
  const char* name_ = nullptr;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace moesim
