#include "sim/serving/request_statistics.hpp"

namespace moesim {

bool RequestStatistics::is_good(const RequestRecord& record) const {
  const auto holds = [](const std::optional<Seconds>& most, double seconds) {
    return !most || seconds <= most->value();
  };
  return holds(slo_.ttft, record.ttft_s()) && holds(slo_.tpot, record.tpot_s()) &&
         holds(slo_.e2e, record.e2e_s());
}

void RequestStatistics::add(const RequestRecord& record) {
  if (next_ != nullptr && !record.resident) next_->add(record);
  if (!record.measured) return;
  if (record.resident) {
    ++completed;
    ++residents;
    return;
  }
  if (record.rejected) {
    ++rejected;
    return;
  }
  ++completed;
  ttft_s.add(record.ttft_s());
  if (record.output_tokens > 1) tpot_s.add(record.tpot_s());
  e2e_s.add(record.e2e_s());
  if (is_good(record)) ++good;
  preemptions += record.preemptions;
  retries += record.retries;
  input_tokens += static_cast<double>(record.input_tokens);
  output_tokens += static_cast<double>(record.output_tokens);
  cached_gpu_tokens += static_cast<double>(record.cached_gpu_tokens);
  cached_host_tokens += static_cast<double>(record.cached_host_tokens);
  cached_disk_tokens += static_cast<double>(record.cached_disk_tokens);
}

}  // namespace moesim
