#include "cli/run_events.hpp"

#include <nlohmann/json.hpp>

namespace moesim::cli {

void RunEvents::write(const Json& event) {
  if (out_ != nullptr) *out_ << write_json(event, -1) << std::flush;
}

void RunEvents::start(const Json& scenario, const std::string& file) {
  write({{"event", "start"}, {"moesim_version", MOESIM_VERSION}, {"file", file}, {"scenario", scenario}});
}

void RunEvents::progress(double fraction, std::string_view what) {
  if (out_ == nullptr || !throttle_.due(Throttle::Clock::now())) return;
  write({{"event", "progress"}, {"fraction", fraction}, {"what", std::string(what)}});
}

void RunEvents::done(const Json& result) {
  if (out_ == nullptr) return;
  if (const auto warnings = result.find("warnings"); warnings != result.end()) {
    for (const Json& warning : *warnings) write({{"event", "warning"}, {"text", warning}});
  }
  write({{"event", "done"}, {"result", result}});
}

void RunEvents::error(const Failure& failure) {
  if (out_ != nullptr) write(error_event(failure));
}

}  // namespace moesim::cli
