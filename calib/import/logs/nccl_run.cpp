#include "calib/import/logs/nccl_run.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

namespace {

struct Collective {
  std::string_view name;
  TimedOperator op;
  double bus_factor;   ///< bus bandwidth = this x (n - 1) / n x algorithm bandwidth
  bool count_of_rank;  ///< the count is that of one of n parts of the buffer
};
constexpr std::array<Collective, 4> kCollectives{{{"all_reduce", TimedOperator::all_reduce, 2, false},
                                                  {"all_gather", TimedOperator::all_gather, 1, true},
                                                  {"reduce_scatter", TimedOperator::reduce_scatter, 1, true},
                                                  {"alltoall", TimedOperator::all_to_all, 1, true}}};

struct ElementType {
  std::string_view name;
  double bytes;
  bool used;  ///< training and inference send it
};
constexpr std::array<ElementType, 14> kTypes{{{"float", 4, true},
                                              {"half", 2, true},
                                              {"bfloat16", 2, true},
                                              {"int8", 1, false},
                                              {"uint8", 1, false},
                                              {"int32", 4, false},
                                              {"uint32", 4, false},
                                              {"int64", 8, false},
                                              {"uint64", 8, false},
                                              {"double", 8, false},
                                              {"f8e4m3", 1, false},
                                              {"f8e5m2", 1, false},
                                              {"fp8_e4m3", 1, false},
                                              {"fp8_e5m2", 1, false}}};
/// Programs of nccl-tests, those that end in the name of another one before it.
constexpr std::array<std::string_view, 11> kPrograms{
    "all_reduce", "all_gather", "reduce_scatter", "alltoallv", "alltoall", "broadcast",
    "sendrecv",   "hypercube",  "scatter",        "gather",    "reduce"};
constexpr std::array<std::string_view, 3> kOperations{"sum", "avg", "none"};

const Collective* collective_named(std::string_view name) {
  const auto* row = std::find_if(kCollectives.begin(), kCollectives.end(),
                                 [&](const Collective& c) { return c.name == name; });
  return row == kCollectives.end() ? nullptr : row;
}

const ElementType* type_named(std::string_view name) {
  const auto* row =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const ElementType& t) { return t.name == name; });
  return row == kTypes.end() ? nullptr : row;
}

/// Why a row times nothing that a profile has; empty: it does.
std::string reason_against(const NcclRun& run, const NcclRow& row) {
  if (run.num_ranks < 2) return "one GPU: times the software alone";
  if (collective_named(run.collective) == nullptr)
    return fmt::format("{} is no collective of a profile", run.collective);
  if (run.hosts.size() > 1)
    return fmt::format("{} GPUs of {} hosts: a profile has collectives inside one node", run.num_ranks,
                       run.hosts.size());
  if (run.aggregated > 1) return "several operations launched as one (-m)";
  if (run.cpu_time) return "times of the CPU (-C)";
  if (row.bytes <= 0) return "nothing sent";
  const ElementType* type = type_named(row.type);
  if (type == nullptr || !type->used) return fmt::format("elements of {}", row.type);
  if (std::find(kOperations.begin(), kOperations.end(), row.operation) == kOperations.end())
    return fmt::format("reduction {}", row.operation);
  return "";
}

}  // namespace

std::string collective_in(std::string_view text) {
  const auto end = text.find("_perf");
  if (end == std::string_view::npos) return "";
  const auto before = text.substr(0, end);
  for (const std::string_view program : kPrograms)
    if (before.ends_with(program)) return std::string(program);
  auto start = end;
  while (start > 0 && std::isalnum(static_cast<unsigned char>(text[start - 1])) != 0) --start;
  return std::string(text.substr(start, end - start));
}

std::string nccl_version_text(int code) {
  const int unit = code >= 10000 ? 100 : 10;  // 2.9 and later have two digits for the minor release
  const int major = code >= 10000 ? code / 10000 : code / 1000;
  return fmt::format("{}.{}.{}", major, code / 100 % unit, code % 100);
}

void NcclPoints::check(const NcclRun& run, const NcclRow& row, const std::string& place) const {
  const auto fail = [&](const std::string& what) {
    throw SpecError(log_.file(), place, what, "expected size / time = algbw (us, GB/s of 10^9 bytes)");
  };
  if (!agree(row.bytes, row.time, row.algorithm_bandwidth))
    fail(fmt::format("{:.0f} bytes in {:g} us are {:.4g} GB/s, the row says {:g}", row.bytes,
                     row.time.value * 1e6, row.bytes / row.time.value / 1e9,
                     row.algorithm_bandwidth.value / 1e9));
  const Collective* collective = collective_named(run.collective);
  if (collective == nullptr || run.num_ranks < 2) return;
  const auto ranks = static_cast<double>(run.num_ranks);
  const double factor = collective->bus_factor * (ranks - 1) / ranks;
  const Printed algorithm = row.algorithm_bandwidth.times(factor);
  if (std::abs(algorithm.value - row.bus_bandwidth.value) >
      algorithm.half_step + row.bus_bandwidth.half_step + 0.002 * algorithm.value)
    fail(fmt::format("busbw {:g} is not {:.4g} x algbw {:g}, as of {} over {} GPUs",
                     row.bus_bandwidth.value / 1e9, factor, row.algorithm_bandwidth.value / 1e9,
                     run.collective, run.num_ranks));
  const ElementType* type = type_named(row.type);
  if (type == nullptr) return;
  const double bytes = row.count * type->bytes * (collective->count_of_rank ? ranks : 1);
  if (bytes != row.bytes)
    fail(fmt::format("{:.0f} elements of {} are {:.0f} bytes, the row says {:.0f}", row.count, row.type,
                     bytes, row.bytes));
}

void NcclPoints::add(const NcclRun& run, const NcclRow& row, const std::string& place) {
  check(run, row, place);
  if (const std::string reason = reason_against(run, row); !reason.empty()) {
    ++out_.unused[reason];
    return;
  }
  Entry entry;
  entry.op = collective_named(run.collective)->op;
  entry.axes = {{"num_gpus", static_cast<double>(run.num_ranks)}, {"bytes", row.bytes}};
  entry.time = Seconds(row.time.value);
  entry.kernel = fmt::format("NCCL{}{}, {}", run.nccl_version.empty() ? "" : " ", run.nccl_version, row.type);
  entry.regime = run.graph_launches > 0 ? Regime::graph : Regime::isolated;
  entry.num_samples = run.iterations;
  entry.p10 = row.p10;
  entry.p90 = row.p90;
  out_.add(std::move(entry), place);
  if (row.wrong) out_.points.back().suspect = "the run found wrong values";
}

}  // namespace moesim
