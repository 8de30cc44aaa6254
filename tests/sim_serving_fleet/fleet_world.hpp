#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/math.hpp"
#include "base/random.hpp"
#include "sim/serving/fleet/fleet.hpp"
#include "tests/costs_of.hpp"

namespace moesim::test {

/// 5 ms, 1 us a prompt token of the fullest rank, 20 us a decoding sequence, times `slowdown`.
inline std::function<double(const StepBatch&)> step_law(double slowdown = 1) {
  return [slowdown](const StepBatch& batch) {
    return slowdown * (5e-3 + 1e-6 * batch.prompt_tokens_max + 20e-6 * batch.sequences_max);
  };
}

/// A source of a function of the number of the request; false ends it.
class SourceOf : public RequestSource {
 public:
  explicit SourceOf(std::function<bool(std::int64_t, Request&)> make) : make_(std::move(make)) {}
  bool next(Request& request) override {
    request = {};
    request.id = count_;
    return make_(count_++, request);
  }

 private:
  std::function<bool(std::int64_t, Request&)> make_;
  std::int64_t count_ = 0;
};

/// Poisson arrivals of `count` requests (without end if negative) with `input` and `output` tokens, output
/// exponential where `spread`; rate by time where given.
struct Poisson {
  double rate = 1;
  std::int64_t input = 100;
  std::int64_t output = 10;
  std::int64_t count = -1;
  bool spread = false;
  std::int64_t cached = 0;
  std::function<double(double)> rate_at = {};

  [[nodiscard]] OpenedWorkload open(double from_s) const {
    OpenedWorkload opened;
    auto time = std::make_shared<double>(from_s);
    opened.source = std::make_unique<SourceOf>([law = *this, time](std::int64_t i, Request& request) {
      if (law.count >= 0 && i >= law.count) return false;
      RandomStream random(17, 5, static_cast<std::uint64_t>(i));
      const double rate = law.rate_at ? law.rate_at(*time) : law.rate;
      *time += -log_det(random.uniform_open()) / rate;
      request.arrival_s = *time;
      request.input_tokens = law.input;
      const double stretch = law.spread ? -log_det(random.uniform_open()) : 1;
      request.output_tokens =
          std::max<std::int64_t>(1, std::llround(static_cast<double>(law.output) * stretch));
      request.stated_cached_tokens = law.cached;
      return true;
    });
    return opened;
  }
  [[nodiscard]] std::function<OpenedWorkload(double)> opener() const {
    return [law = *this](double from_s) { return law.open(from_s); };
  }
};

class Held : public RequestSink {
 public:
  void add(const RequestRecord& record) override { records.push_back(record); }
  std::vector<RequestRecord> records;

  [[nodiscard]] double mean(const std::function<double(const RequestRecord&)>& value) const {
    double sum = 0;
    double count = 0;
    for (const RequestRecord& record : records) {
      if (record.rejected || !record.measured) continue;
      sum += value(record);
      count += 1;
    }
    return count > 0 ? sum / count : 0;
  }
  [[nodiscard]] double mean_ttft() const {
    return mean([](const RequestRecord& record) { return record.ttft_s(); });
  }
};

inline FleetPool pool(const std::string& name, PoolRole role, int units, int ranks = 4) {
  FleetPool made;
  made.name = name;
  made.spec.role = role;
  made.spec.units = units;
  made.unit.role = role;
  made.unit.layout.gpus = ranks;
  made.unit.kv_blocks = 4096;
  made.unit.batching.max_batch = 64;
  made.unit.costs = std::make_shared<CostsOf>(step_law());
  made.unit.kv_bytes_per_token = made.kv_bytes_per_token = 70e3;
  made.nic_bytes_per_s = 25e9;
  made.nic_latency_s = 1e-5;
  return made;
}

inline FleetScenario fleet(std::vector<FleetPool> pools, const Poisson& law) {
  FleetScenario scenario;
  scenario.pools = std::move(pools);
  scenario.open = law.opener();
  return scenario;
}

inline FleetScenario split_fleet(const Poisson& law) {
  return fleet({pool("decode", PoolRole::decode, 2), pool("prefill", PoolRole::prefill, 2)}, law);
}

struct Played {
  FleetResult result;
  Held held;
};

inline Played play(const FleetScenario& scenario, int threads = 1) {
  Played played;
  NullSink sink;
  FleetOptions options;
  options.threads = threads;
  played.result = run_fleet(scenario, options, played.held, sink);
  return played;
}

}  // namespace moesim::test
