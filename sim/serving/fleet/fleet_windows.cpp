#include "sim/serving/fleet/fleet_windows.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "sim/serving/fleet/fleet_run.hpp"

namespace moesim {
namespace {

class HeldRequests final : public RequestSink {
 public:
  void add(const RequestRecord& record) override { records.push_back(record); }
  void add_unfinished(const RequestRecord& record) override { unfinished.push_back(record); }
  std::vector<RequestRecord> records;
  std::vector<RequestRecord> unfinished;
};

class HeldCurves final : public RecordSink {
 public:
  using RecordSink::add;
  void add(const Span& span) override { spans.push_back(span); }
  void add(const Series& part) override { parts.push_back(part); }
  std::vector<Span> spans;
  std::vector<Series> parts;
};

struct Window {
  RunSpan span;
  HeldRequests requests;
  HeldCurves curves;
  FleetResult result;
  std::exception_ptr failure;
  bool done = false;
};

std::vector<Window> windows_of(const FleetScenario& scenario) {
  const WindowSpec& spec = *scenario.policy.windows;
  const double end = scenario.workload.duration->value();
  std::vector<Window> windows;
  for (int i = 0; i * spec.period.value() < end; ++i) {
    RunSpan& span = windows.emplace_back().span;
    span.from_s = i * spec.period.value();
    span.until_s = std::min(span.from_s + spec.length.value(), end);
    span.measure_from_s = std::min(span.from_s + spec.warm_up.value(), span.until_s);
    span.cut = span.warm_start = true;
  }
  return windows;
}

/// Threads take windows in order; the caller waits for them in order.
class WindowPlayer {
 public:
  WindowPlayer(const FleetScenario& scenario, std::vector<Window>& windows, int threads)
      : scenario_(scenario), windows_(windows) {
    const auto most = static_cast<int>(windows.size());
    for (int i = 0; i < std::clamp(threads, 1, std::max(most, 1)); ++i)
      threads_.emplace_back([this] { play(); });
  }
  void wait_for(std::size_t window) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return windows_[window].done; });
  }

  /// No further window is begun.
  void stop() {
    const std::lock_guard lock(mutex_);
    next_ = windows_.size();
  }

 private:
  void play() {
    for (;;) {
      std::size_t own = 0;
      {
        const std::lock_guard lock(mutex_);
        if (next_ >= windows_.size()) return;
        own = next_++;
      }
      Window& window = windows_[own];
      try {
        FleetRun run(scenario_, window.span, window.requests, window.curves);
        window.result = run.play({});
      } catch (...) {
        window.failure = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex_);
        window.done = true;
      }
      done_.notify_all();
    }
  }

  const FleetScenario& scenario_;
  std::vector<Window>& windows_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t next_ = 0;  // guarded by mutex_, as is Window::done
  std::vector<std::jthread> threads_;
};

void add_pool(PoolResult& sum, const PoolResult& next) {
  const double all = sum.measured_s + next.measured_s;
  const auto mean = [&](double& value, double other) {
    if (all > 0) value = (value * sum.measured_s + other * next.measured_s) / all;
  };
  mean(sum.nodes_mean, next.nodes_mean);
  mean(sum.nodes_floor, next.nodes_floor);
  mean(sum.nodes_for_ttft, next.nodes_for_ttft);
  sum.nodes_peak = std::max(sum.nodes_peak, next.nodes_peak);
  sum.totals.add(next.totals);
  sum.allotted_unit_s += next.allotted_unit_s;
  sum.measured_s = all;
  sum.utilisation = sum.allotted_unit_s > 0 ? sum.totals.busy_s / sum.allotted_unit_s : 0;
}

}  // namespace

void add_stretch(FleetResult& sum, const FleetResult& next) {
  if (sum.pools.empty()) sum.pools.resize(next.pools.size());
  for (std::size_t i = 0; i < next.pools.size(); ++i) {
    sum.pools[i].name = next.pools[i].name;
    sum.pools[i].role = next.pools[i].role;
    add_pool(sum.pools[i], next.pools[i]);
  }
  sum.arrived += next.arrived;
  sum.completed += next.completed;
  sum.rejected += next.rejected;
  sum.retried += next.retried;
  sum.in_flight += next.in_flight;
  sum.measured_s += next.measured_s;
  for (const std::string& warning : next.warnings) {
    if (std::find(sum.warnings.begin(), sum.warnings.end(), warning) == sum.warnings.end())
      sum.warnings.push_back(warning);
  }
}

FleetResult run_windows(const FleetScenario& scenario, const FleetOptions& options, RequestSink& requests,
                        RecordSink& sink) {
  std::vector<Window> windows = windows_of(scenario);
  FleetResult sum;
  WindowPlayer player(scenario, windows, options.threads);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    player.wait_for(i);
    Window& window = windows[i];
    if (window.failure) {
      player.stop();
      std::rethrow_exception(window.failure);
    }
    for (const RequestRecord& record : window.requests.records) requests.add(record);
    for (const RequestRecord& record : window.requests.unfinished) requests.add_unfinished(record);
    for (const Span& span : window.curves.spans) sink.add(span);
    for (const Series& part : window.curves.parts) sink.add(part);
    add_stretch(sum, window.result);
    window.requests = {};
    window.curves = {};
    window.result = {};
    if (options.progress) options.progress(static_cast<double>(i + 1) / static_cast<double>(windows.size()));
  }
  return sum;
}

}  // namespace moesim
