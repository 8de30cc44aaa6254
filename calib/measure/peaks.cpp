#include "calib/measure/peaks.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <sstream>

#include <fmt/format.h>

#include "base/file.hpp"
#include "calib/profile/data_file.hpp"

namespace moesim {

namespace {

constexpr double kBandwidthAgreement = 0.1;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Whether a word of the device's name is the first part of the profile's: "NVIDIA H200" and "h200-sxm".
bool has_name(const std::string& device, const std::string& profile) {
  const std::string wanted = profile.substr(0, profile.find('-'));
  std::istringstream words(lower(device));
  for (std::string word; words >> word;)
    if (word == wanted) return true;
  return false;
}

bool is_device(const GpuFacts& gpu, const DeviceSignature& device) {
  if (gpu.num_sms != device.num_sms) return false;
  if (device.memory_bandwidth <= 0) return true;
  return std::abs(device.memory_bandwidth / gpu.hbm_bandwidth.value() - 1) <= kBandwidthAgreement;
}

/// Dense BF16 operations of one SM in a cycle (NVIDIA Hopper and Blackwell architecture white papers: the
/// datasheet's peak over SMs and boost clock); FP8 does twice as many.
double bf16_flops_per_cycle(int major) {
  if (major >= 10) return 8192;
  if (major == 9) return 4096;
  return 2048;  // compute capability 8.0
}

void append_excess(std::string& text, double rate, double peak, double unit, std::string_view unit_name,
                   std::string_view what) {
  if (peak <= 0 || rate <= peak) return;
  text += fmt::format("{}{} {:.1f} {} of at most {:.1f}", text.empty() ? "" : ", ", what, rate / unit,
                      unit_name, peak / unit);
}

}  // namespace

std::optional<GpuFacts> shipped_facts(const DeviceSignature& device) {
  constexpr std::string_view kFolder = "calib/profiles";
  for (const std::string& name : data_names(kFolder)) {
    if (!has_name(device.name, name)) continue;
    const GpuFacts gpu = read_profile_file(find_data(fmt::format("{}/{}.json", kFolder, name))).gpu;
    if (is_device(gpu, device)) return gpu;
  }
  return std::nullopt;
}

GpuFacts hardware_peaks(const DeviceSignature& device) {
  if (auto shipped = shipped_facts(device)) return *shipped;
  GpuFacts gpu;
  gpu.name = device.name;
  gpu.num_sms = device.num_sms;
  gpu.memory = Bytes(device.memory_bytes);
  gpu.hbm_bandwidth = BytesPerSecond(device.memory_bandwidth);
  const double cycles = device.num_sms * device.max_sm_clock_mhz * 1e6;
  gpu.peak_bf16 = FlopsPerSecond(cycles * bf16_flops_per_cycle(device.major));
  gpu.peak_fp8 = 2 * gpu.peak_bf16;
  gpu.peak_power = Watts(device.power_limit_w);
  return gpu;
}

std::string find_above_peak(const Work& work, Seconds time, const GpuFacts& peaks, NumberFormat format,
                            TimingRegime regime, double l2_bytes) {
  std::string text;
  const double seconds = time.value();
  append_excess(text, work.flops / seconds, peaks.peak_of(format).value(), 1e12, "TFLOP/s", "computes");
  const double from_l2 = regime == TimingRegime::cold ? 0 : l2_bytes;
  const double from_memory = std::max(0.0, work.hbm_bytes - from_l2);
  append_excess(text, from_memory / seconds, peaks.hbm_bandwidth.value(), 1e12, "TB/s", "memory at");
  append_excess(text, work.link_bytes / seconds, peaks.nvlink_bandwidth.value(), 1e9, "GB/s", "NVLink at");
  return text;
}

}  // namespace moesim
