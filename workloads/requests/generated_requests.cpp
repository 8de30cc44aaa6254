#include "workloads/requests/generated_requests.hpp"

#include <cmath>
#include <optional>

#include "workloads/requests/arrival_times.hpp"
#include "workloads/requests/length_law.hpp"
#include "workloads/requests/session_requests.hpp"

namespace moesim {
namespace {

class GeneratedRequests final : public RequestSource {
 public:
  GeneratedRequests(const WorkloadSpec& spec, std::uint64_t seed, double from_s)
      : spec_(spec), lengths_(seed, stream_of("request_lengths")) {
    if (!spec.arrivals) return;
    times_.emplace(*spec.arrivals, spec.start.value(), seed, from_s);
    next_ = times_->before();
  }

  bool next(Request& request) override {
    if (spec_.requests && next_ >= *spec_.requests) return false;
    const double arrival_s = times_ ? times_->next() : 0;
    if (spec_.duration && arrival_s >= spec_.duration->value()) return false;
    RandomStream random(lengths_, times_ ? times_->place() : static_cast<std::uint64_t>(next_));
    request.id = next_++;
    request.arrival_s = arrival_s;
    request.input_tokens = draw_length(static_cast<double>(spec_.input_tokens), spec_.input_spread, random);
    request.output_tokens =
        draw_length(static_cast<double>(spec_.output_tokens), spec_.output_spread, random);
    request.stated_cached_tokens = cached_tokens(request.input_tokens, random);
    request.block_tokens = 0;
    request.blocks.clear();
    request.session = -1;
    return true;
  }

 private:
  [[nodiscard]] std::int64_t cached_tokens(std::int64_t input, RandomStream& random) const {
    if (spec_.cached_fraction <= 0) return 0;
    const double share = spec_.cached_request_fraction;
    if (share < 1 && random.uniform() >= share) return 0;
    return std::llround(spec_.cached_fraction / share * static_cast<double>(input));
  }

  WorkloadSpec spec_;
  StreamKey lengths_;
  std::optional<ArrivalTimes> times_;
  std::int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> generate_requests(const WorkloadSpec& spec, const std::string& file,
                                                 std::uint64_t seed, double from_s) {
  if (spec.sessions) return session_requests(spec, file, seed, from_s);
  return std::make_unique<GeneratedRequests>(spec, seed, from_s);
}

}  // namespace moesim
