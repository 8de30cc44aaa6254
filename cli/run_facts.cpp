#include "cli/run_facts.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "reports/metric.hpp"

namespace moesim::cli {
namespace {

double max_resident_B(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;  // Linux counts KiB
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

double RunFacts::operations_per_s() const {
  return wall_s > 0 ? static_cast<double>(stats.num_operations) / wall_s : 0;
}

RunFacts run_facts(std::chrono::steady_clock::time_point start, int threads, RunStats stats) {
  RunFacts facts;
  facts.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  facts.max_resident_B = max_resident_B(RUSAGE_SELF);
  facts.children_max_resident_B = max_resident_B(RUSAGE_CHILDREN);
  facts.host = host_name();
  facts.threads = threads;
  facts.stats = std::move(stats);
  return facts;
}

Json facts_json(const RunFacts& facts) {
  Json parts = Json::object();
  for (const auto& [name, seconds] : facts.stats.parts_s) parts[name] = seconds;
  return {{"moesim_version", MOESIM_VERSION},
          {"wall_s", facts.wall_s},
          {"max_resident_B", facts.max_resident_B},
          {"children_max_resident_B", facts.children_max_resident_B},
          {"host", facts.host},
          {"threads", facts.threads},
          {"operations", facts.stats.num_operations},
          {"operations_per_s", facts.operations_per_s()},
          {"parts_s", std::move(parts)}};
}

std::string facts_text(const RunFacts& facts) {
  const double memory = std::max(facts.max_resident_B, facts.children_max_resident_B);
  return fmt::format("moesim: {:.2f} s, {} of memory, {} operations ({} per second), {} on {}", facts.wall_s,
                     metric_text(memory, MetricUnit::bytes),
                     metric_text(static_cast<double>(facts.stats.num_operations), MetricUnit::count),
                     metric_text(facts.operations_per_s(), MetricUnit::count),
                     facts.threads == 1 ? "1 thread" : fmt::format("{} threads", facts.threads), facts.host);
}

}  // namespace moesim::cli
