#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/progress.hpp"
#include "cli/failure.hpp"

namespace moesim::cli {

/// The NDJSON of one run: "start", "progress" at most ten times a second, "warning", last "done" or "error".
/// The records between are NdjsonSink's.
class RunEvents {
 public:
  /// Writes nothing where `out` is null.
  explicit RunEvents(std::ostream* out) : out_(out) {}

  void start(const Json& scenario, const std::string& file);
  void progress(double fraction, std::string_view what);
  /// The warnings of the result, then "done" with its summary's document.
  void done(const Json& result);
  void error(const Failure& failure);

 private:
  void write(const Json& event);

  std::ostream* out_;
  Throttle throttle_;
};

}  // namespace moesim::cli
