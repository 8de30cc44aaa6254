#include "calib/import/logs/log_points.hpp"

#include <array>

namespace moesim {

namespace {

constexpr auto kLogFormats = std::to_array<LogFormat>({
    {"nccl-tests", "nccl-tests, a run of one's own", "https://github.com/NVIDIA/nccl-tests",
     "1048576  262144  float  sum  -1  38.2  27.4  48.0  0  37.9  27.7  48.4  0", false, read_nccl_tests},
    {"deepep", "DeepEP tests, a run of one's own", "https://github.com/deepseek-ai/DeepEP",
     "[rank 0] Dispatch bandwidth: 98.00 GB/s, avg_t=77.00 us | Combine bandwidth: ...", true, read_deepep},
    {"deepgemm", "DeepGEMM tests, a run of one's own", "https://github.com/deepseek-ai/DeepGEMM",
     "> Perf (m=64, n=2112, k=7168, ...): 9 us | 206 TFLOPS | 1688 GB/s", false, read_deepgemm},
    {"flashmla", "FlashMLA tests, a run of one's own", "https://github.com/deepseek-ai/FlashMLA",
     "0.215 ms, 85 TFLOPS, 2826 GB/s", false, read_flashmla},
});

}  // namespace

std::span<const LogFormat> log_formats() {
  return kLogFormats;
}

void LogPoints::add(Entry entry, std::string place) {
  const ClaimedWork work = claimed_work(entry);
  points.push_back({std::move(entry), work, std::move(place), ""});
}

std::size_t LogPoints::num_unused() const {
  std::size_t sum = 0;
  for (const auto& [reason, rows] : unused) sum += rows;
  return sum;
}

}  // namespace moesim
