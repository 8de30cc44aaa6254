#include "calib/import/logs/nccl_json.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/json.hpp"
#include "calib/import/logs/nccl_run.hpp"

namespace moesim {

namespace {

constexpr int kLastVersion = 3;
constexpr double kJsonStep = 5e-7;  // numbers have six digits behind the point

/// A document of the file, with errors that name file and pointer.
class NcclJson {
 public:
  NcclJson(const LogFile& log, LogPoints& out)
      : log_(log), document_(parse_json(log.content(), log.file())), out_(out), points_(log, out) {}
  void read();

 private:
  const Json& member(const Json& object, const std::string& pointer, const char* key) const;
  double number(const Json& object, const std::string& pointer, const char* key) const;
  std::string text(const Json& object, const std::string& pointer, const char* key) const;
  [[noreturn]] void fail(const std::string& pointer, const std::string& what, const std::string& hint) const {
    throw SpecError(log_.file(), pointer, what, hint);
  }
  NcclRun read_run();
  void read_devices(const Json& config, NcclRun& run);
  void read_row(NcclRun& run, const Json& result, const std::string& pointer);
  void read_spread(const Json& result, NcclRow& row) const;

  const LogFile& log_;
  Json document_;
  LogPoints& out_;
  NcclPoints points_;
};

const Json& NcclJson::member(const Json& object, const std::string& pointer, const char* key) const {
  if (!object.is_object() || !object.contains(key))
    fail(pointer, fmt::format("'{}' is missing", key), "expected what nccl-tests writes with -J");
  return object.at(key);
}

double NcclJson::number(const Json& object, const std::string& pointer, const char* key) const {
  const Json& value = member(object, pointer, key);
  if (!value.is_number() || value.get<double>() < 0)
    fail(pointer + "/" + key, "is no number of 0 or more", "expected what nccl-tests writes with -J");
  return value.get<double>();
}

std::string NcclJson::text(const Json& object, const std::string& pointer, const char* key) const {
  const Json& value = member(object, pointer, key);
  if (!value.is_string()) fail(pointer + "/" + key, "is no text", "expected what nccl-tests writes with -J");
  return value.get<std::string>();
}

/// Releases to 2.19.6 list the first device of each process only: its threads and GPUs say how many there
/// are.
void NcclJson::read_devices(const Json& config, NcclRun& run) {
  const Json& devices = member(config, "/config", "devices");
  if (!devices.is_array() || devices.empty())
    fail("/config/devices", "lists no device", "expected one of each process");
  const double of_process = number(config, "/config", "nthreads") * number(config, "/config", "ngpus");
  if (of_process < 1 || of_process > 1024)
    fail("/config", "no number of GPUs", "expected nthreads and ngpus of 1 and more");
  double group = -1;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const std::string pointer = fmt::format("/config/devices/{}", i);
    run.devices.insert(text(devices[i], pointer, "device_info"));
    const double own = number(devices[i], pointer, "group");
    if (group < 0) group = own;
    if (own != group) continue;
    run.num_ranks += static_cast<std::size_t>(of_process);
    run.hosts.insert(text(devices[i], pointer, "hostname"));
  }
  if (run.devices.size() > 1)
    fail("/config/devices",
         fmt::format("GPUs of two kinds: '{}' and '{}'", *run.devices.begin(), *run.devices.rbegin()),
         "import runs of one kind of GPU");
  out_.device = *run.devices.begin();
}

NcclRun NcclJson::read_run() {
  const double version = number(document_, "", "version");
  if (version < 1 || version > kLastVersion)
    fail("/version", fmt::format("unknown version {:g}", version), "expected 1, 2 or 3 of nccl-tests -J");
  NcclRun run;
  const Json& arguments = member(document_, "", "args");
  if (!arguments.is_array() || arguments.empty() || !arguments[0].is_string())
    fail("/args", "no command", "expected the program and its options");
  run.collective = collective_in(arguments[0].get<std::string>());
  if (run.collective.empty())
    fail("/args/0", "names no program of nccl-tests", "expected e.g. all_reduce_perf");
  run.nccl_version =
      nccl_version_text(static_cast<int>(std::min(number(document_, "", "nccl_version"), 1e9)));
  const Json& config = member(document_, "", "config");
  read_devices(config, run);
  run.iterations = static_cast<int>(std::min(number(config, "/config", "iterations"), 1e9));
  run.aggregated = static_cast<int>(std::min(number(config, "/config", "aggregated_iterations"), 1e9));
  run.graph_launches = static_cast<int>(std::min(number(config, "/config", "graph"), 1e9));
  return run;
}

/// Percentiles of single iterations, which -I writes, without those that the summary skips.
void NcclJson::read_spread(const Json& result, NcclRow& row) const {
  if (!result.contains("out_of_place_per_iter")) return;
  const Json& report = result.at("out_of_place_per_iter");
  if (!report.is_object() || !report.contains("times_us") || !report.at("times_us").is_array()) return;
  std::vector<double> times;
  for (const Json& time : report.at("times_us"))
    if (time.is_number() && time.get<double>() > 0) times.push_back(time.get<double>() * 1e-6);
  const Json skipped = report.value("skipped_iterations", Json(0));
  const auto first = static_cast<std::size_t>(skipped.is_number_unsigned() ? skipped.get<std::size_t>() : 0);
  if (times.size() <= first) return;
  times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(first));
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  row.p10 = std::min(1.0, at(0.1) / row.time.value);
  row.p90 = std::max(1.0, at(0.9) / row.time.value);
}

void NcclJson::read_row(NcclRun& run, const Json& result, const std::string& pointer) {
  const Json& body = member(result, pointer, "out_of_place");
  if (body.is_null()) {
    ++out_.unused["in place only"];
    return;
  }
  const std::string at = pointer + "/out_of_place";
  run.cpu_time = body.is_object() && body.contains("cpu_time");
  NcclRow row;
  row.bytes = number(result, pointer, "size");
  row.count = number(result, pointer, "count");
  row.type = text(result, pointer, "type");
  row.operation = text(result, pointer, "redop");
  row.time = {number(body, at, run.cpu_time ? "cpu_time" : "time") * 1e-6, kJsonStep * 1e-6};
  if (row.time.value <= 0) fail(at + "/time", "a time of 0 is not above 0", "expected microseconds");
  row.algorithm_bandwidth = {number(body, at, "alg_bw") * 1e9, kJsonStep * 1e9};
  row.bus_bandwidth = {number(body, at, "bus_bw") * 1e9, kJsonStep * 1e9};
  const Json& wrong = member(body, at, "nwrong");
  row.wrong = wrong.is_number() && wrong.get<double>() > 0;
  read_spread(result, row);
  points_.add(run, row, pointer);
}

void NcclJson::read() {
  if (!document_.is_object()) fail("", "is no object", "expected what nccl-tests writes with -J");
  NcclRun run = read_run();
  const Json& results = member(document_, "", "results");
  if (!results.is_array() || results.empty())
    fail("/results", "holds no row", "give a run that came to its end");
  for (std::size_t i = 0; i < results.size(); ++i) read_row(run, results[i], fmt::format("/results/{}", i));
}

}  // namespace

LogPoints read_nccl_json(const LogFile& log) {
  LogPoints out;
  out.file = log.file();
  NcclJson(log, out).read();
  return out;
}

}  // namespace moesim
