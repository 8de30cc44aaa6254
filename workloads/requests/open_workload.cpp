#include <filesystem>
#include <utility>

#include "base/random.hpp"
#include "workloads/requests/generated_requests.hpp"
#include "workloads/requests/request_source.hpp"
#include "workloads/requests/request_trace.hpp"

namespace moesim {
namespace {

/// A trace with its gaps scaled, its requests sampled and cut.
class TraceRequests final : public RequestSource {
 public:
  TraceRequests(RequestTrace trace, const WorkloadSpec& spec, std::uint64_t seed, double from_s)
      : trace_(std::move(trace)), spec_(spec), sample_(seed, stream_of("trace_sample")), from_s_(from_s) {}

  bool next(Request& request) override {
    for (; at_ < trace_.requests.size(); ++at_) {
      if (spec_.sample < 1 && uniform_at(sample_, at_) >= spec_.sample) continue;
      if (spec_.requests && given_ >= *spec_.requests) return false;
      const double arrival_s = trace_.requests[at_].arrival_s * spec_.time_scale;
      if (spec_.duration && arrival_s >= spec_.duration->value()) return false;
      const std::int64_t id = given_++;
      if (arrival_s < from_s_) continue;
      request = trace_.requests[at_++];
      request.id = id;
      request.arrival_s = arrival_s;
      return true;
    }
    return false;
  }

 private:
  RequestTrace trace_;
  WorkloadSpec spec_;
  StreamKey sample_;
  double from_s_;
  std::size_t at_ = 0;
  std::int64_t given_ = 0;
};

}  // namespace

OpenedWorkload open_workload(const WorkloadSpec& spec, const std::string& file, std::uint64_t seed,
                             double from_s) {
  OpenedWorkload opened;
  if (!spec.trace) {
    opened.source = generate_requests(spec, file, seed, from_s);
    opened.has_blocks = spec.sessions.has_value();
    return opened;
  }
  const std::filesystem::path path(*spec.trace);
  RequestTrace trace = read_request_trace(
      path.is_absolute() ? path.string() : (std::filesystem::path(file).parent_path() / path).string());
  opened.warnings = trace.warnings;
  opened.has_blocks = trace.has_blocks;
  opened.source = std::make_unique<TraceRequests>(std::move(trace), spec, seed, from_s);
  return opened;
}

}  // namespace moesim
