#include "cli/request_csv.hpp"

#include <iterator>

#include <fmt/format.h>

namespace moesim::cli {

RequestCsv::RequestCsv(std::ostream& out) : out_(out) {
  out_ << "id,status,measured,arrival_s,start_s,first_token_s,end_s,ttft_s,tpot_s,e2e_s,input_tokens,"
          "output_tokens,cached_gpu_tokens,cached_host_tokens,cached_disk_tokens,prefill_unit,decode_unit,"
          "preemptions,retries\r\n";
}

void RequestCsv::add(const RequestRecord& record) {
  fmt::memory_buffer line;
  auto out = std::back_inserter(line);
  fmt::format_to(out, "{},{},{},{},", record.id, record.rejected ? "rejected" : "completed",
                 record.measured ? 1 : 0, record.arrival_s);
  if (record.rejected) {
    fmt::format_to(out, ",,,,,,");
  } else {
    fmt::format_to(out, "{},{},{},{},{},{},", record.start_s, record.first_token_s, record.end_s,
                   record.ttft_s(), record.tpot_s(), record.e2e_s());
  }
  fmt::format_to(out, "{},{},{},{},{},{},{},{},{}\r\n", record.input_tokens, record.output_tokens,
                 record.cached_gpu_tokens, record.cached_host_tokens, record.cached_disk_tokens,
                 record.prefill_unit, record.decode_unit, record.preemptions, record.retries);
  out_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

}  // namespace moesim::cli
