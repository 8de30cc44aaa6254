// SQLite export of Nsight Systems (nsys export --type sqlite): kernels in CUPTI_ACTIVITY_KIND_KERNEL, names
// in StringIds, launches in CUPTI_ACTIVITY_KIND_RUNTIME, ranges in NVTX_EVENTS; times in nanoseconds.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/sqlite/database.hpp"
#include "calib/import/trace/trace.hpp"

namespace moesim {

namespace {

constexpr double kNanosecond = 1e-9;
constexpr std::string_view kStepMark = "step";

double seconds_of(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) * kNanosecond;
}

/// "aten::mm, op_id = 7, sizes = [[4096, 7168], [7168, 2112]]" as torch.autograd.profiler.emit_nvtx writes
/// it.
void read_range(std::string_view text, TracedKernel& kernel) {
  kernel.op = text.substr(0, text.find(','));
  const auto sizes = text.find("sizes = [");
  if (sizes == std::string_view::npos) return;
  int depth = 0;
  for (const char* at = text.data() + text.find('[', sizes); at < text.data() + text.size();) {
    if (*at == '[') {
      if (++depth == 2) kernel.shapes.emplace_back();
      ++at;
    } else if (*at == ']') {
      if (--depth == 0) return;
      ++at;
    } else if (depth == 2 && *at >= '0' && *at <= '9') {
      char* end = nullptr;
      kernel.shapes.back().push_back(std::strtoll(at, &end, 10));
      at = end;
    } else {
      ++at;
    }
  }
}

struct Range {
  std::int64_t start;
  std::int64_t end;
  std::string text;
  std::int64_t call;
};

class NsightReader {
 public:
  explicit NsightReader(const std::string& file)
      : file_(file), database_(file, sqlite::Database::Mode::read) {
    sqlite::Statement names(database_, "SELECT name FROM sqlite_master WHERE type = 'table'");
    while (names.step()) tables_.emplace(names.text(0));
    for (const char* table : {"CUPTI_ACTIVITY_KIND_KERNEL", "StringIds"}) {
      if (!tables_.contains(table))
        throw SpecError(file_, "", fmt::format("no table {}", table),
                        "give what nsys export --type sqlite wrote of a report with --trace=cuda,nvtx");
    }
  }

  Trace read(const TraceChoice& choice) {
    Trace trace;
    trace.file = file_;
    trace.tool = "Nsight Systems";
    trace.device = choice.device >= 0 ? choice.device : busiest_device();
    trace.gpu = gpu_name(trace.device);
    read_launches(trace);
    read_ranges(choice.mark.empty() ? std::string(kStepMark) : choice.mark, trace);
    read_kernels(trace);
    return trace;
  }

 private:
  int busiest_device() {
    sqlite::Statement count(database_,
                            "SELECT deviceId FROM CUPTI_ACTIVITY_KIND_KERNEL GROUP BY deviceId "
                            "ORDER BY COUNT(*) DESC, deviceId LIMIT 1");
    return count.step() ? static_cast<int>(count.integer(0)) : 0;
  }

  std::string gpu_name(int device) {
    if (!tables_.contains("TARGET_INFO_GPU")) return {};
    sqlite::Statement name(database_, "SELECT name FROM TARGET_INFO_GPU WHERE id = ?");
    name.bind(0, std::int64_t{device});
    return name.step() ? std::string(name.text(0)) : std::string();
  }

  /// Launches by correlation id: thread and start.
  void read_launches(Trace& trace) {
    if (!tables_.contains("CUPTI_ACTIVITY_KIND_RUNTIME")) return;
    sqlite::Statement rows(database_,
                           "SELECT r.correlationId, r.globalTid, r.start, r.end FROM "
                           "CUPTI_ACTIVITY_KIND_RUNTIME r JOIN StringIds s ON s.id = r.nameId "
                           "WHERE s.value LIKE '%LaunchKernel%' ORDER BY r.start");
    while (rows.step()) {
      launches_[rows.integer(0)] = {rows.integer(1), rows.integer(2)};
      trace.launches_s.push_back(seconds_of(rows.integer(3) - rows.integer(2)));
    }
  }

  void read_ranges(const std::string& mark, Trace& trace) {
    if (!tables_.contains("NVTX_EVENTS")) return;
    sqlite::Statement rows(database_,
                           "SELECT n.start, n.end, COALESCE(n.text, s.value), n.globalTid FROM NVTX_EVENTS n "
                           "LEFT JOIN StringIds s ON s.id = n.textId WHERE n.end IS NOT NULL "
                           "ORDER BY n.start, n.end DESC");
    while (rows.step()) {
      const std::string text(rows.text(2));
      if (text.starts_with(mark))
        trace.steps.push_back({text, seconds_of(rows.integer(0)), seconds_of(rows.integer(1))});
      else
        ranges_[rows.integer(3)].push_back({rows.integer(0), rows.integer(1), text, num_ranges_++});
    }
  }

  void read_kernels(Trace& trace) {
    sqlite::Statement rows(database_,
                           "SELECT k.start, k.end, k.streamId, s.value, k.correlationId FROM "
                           "CUPTI_ACTIVITY_KIND_KERNEL k JOIN StringIds s ON s.id = k.demangledName "
                           "WHERE k.deviceId = ? ORDER BY k.start");
    rows.bind(0, std::int64_t{trace.device});
    while (rows.step()) {
      TracedKernel kernel;
      kernel.start_s = seconds_of(rows.integer(0));
      kernel.seconds = seconds_of(rows.integer(1) - rows.integer(0));
      kernel.stream = static_cast<int>(rows.integer(2));
      kernel.name = rows.text(3);
      if (kernel.seconds < 0)
        throw SpecError(file_, "CUPTI_ACTIVITY_KIND_KERNEL",
                        fmt::format("'{}' ends before it starts", kernel.name), "export the report again");
      if (const auto launch = launches_.find(rows.integer(4)); launch != launches_.end())
        read_innermost(launch->second.first, launch->second.second, kernel);
      trace.kernels.push_back(std::move(kernel));
    }
  }

  /// The range of that thread which began last of those around the launch. Ranges of a thread nest.
  void read_innermost(std::int64_t thread, std::int64_t at, TracedKernel& kernel) const {
    const auto ranges = ranges_.find(thread);
    if (ranges == ranges_.end()) return;
    auto next = std::upper_bound(ranges->second.begin(), ranges->second.end(), at,
                                 [](std::int64_t time, const Range& range) { return time < range.start; });
    constexpr int kMostSkipped = 4096;  // siblings that ended before
    for (int i = 0; next != ranges->second.begin() && i < kMostSkipped; ++i) {
      --next;
      if (next->end < at) continue;
      kernel.call = next->call;
      return read_range(next->text, kernel);
    }
  }

  std::string file_;
  sqlite::Database database_;
  std::set<std::string> tables_;
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> launches_;
  std::int64_t num_ranges_ = 0;
  std::map<std::int64_t, std::vector<Range>> ranges_;  ///< by thread, each by start
};

}  // namespace

Trace read_nsight_trace(const std::string& file, const TraceChoice& choice) {
  try {
    return NsightReader(file).read(choice);
  } catch (const RunError& error) {  // SQLite's own words: a damaged file, a column of another release
    throw SpecError(file, "", error.what(), "export the report again with a recent nsys");
  }
}

}  // namespace moesim
