#include "calib/import/trace/trace.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {

namespace {

constexpr std::string_view kSqliteMagic = "SQLite format 3";

bool is_sqlite(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string head(kSqliteMagic.size(), '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  return in && head == kSqliteMagic;
}

}  // namespace

Trace read_trace(const std::string& file, const TraceChoice& choice) {
  Trace trace = is_sqlite(file) ? read_nsight_trace(file, choice) : read_chrome_trace(file, choice);
  if (trace.kernels.empty())
    throw SpecError(file, "", "no kernel of a GPU",
                    "record GPU activities (ProfilerActivity.CUDA, nsys --trace=cuda)");
  std::stable_sort(trace.kernels.begin(), trace.kernels.end(),
                   [](const TracedKernel& a, const TracedKernel& b) { return a.start_s < b.start_s; });
  std::stable_sort(trace.steps.begin(), trace.steps.end(),
                   [](const TracedStep& a, const TracedStep& b) { return a.start_s < b.start_s; });
  return trace;
}

}  // namespace moesim
