#include "calib/profile/assumptions.hpp"

#include <algorithm>
#include <array>

namespace moesim {

namespace {

/// A constant of practice, without a publication.
struct AssumedConstant {
  std::string_view name;
  std::string_view unit;
  double value;
  double low;
  double high;
};
constexpr std::array kConstants{
    AssumedConstant{"attention_backward_ratio", "ratio", 3.15, 2.9, 3.6},
    AssumedConstant{"weight_gradient_rate_fp8", "ratio", 0.87, 0.75, 1.0},
    AssumedConstant{"weight_gradient_rate_bf16", "ratio", 0.95, 0.9, 1.0},
    AssumedConstant{"gemm_efficiency", "ratio", 0.7, 0.5, 0.85},
    AssumedConstant{"small_kernel_floor", "s", 2e-6, 1.5e-6, 4e-6},
    AssumedConstant{"small_kernel_bandwidth", "ratio", 0.8, 0.7, 0.9},
    AssumedConstant{"accumulation_bandwidth", "ratio", 0.85, 0.8, 0.92},
    AssumedConstant{"low_latency_start", "s", 24e-6, 11e-6, 40e-6},
};
/// Read only where grouped-query attention is timed.
constexpr AssumedConstant kGqaBackward{"gqa_backward_ratio", "ratio", 3.03, 2.6, 3.4};

/// NCCL's all-gather over NVLink's datasheet bandwidth: 0.68 to 0.80 on H800, H100, H200 and B200.
constexpr double kUsableNvlink = 0.74;

void add_source(ProfileFile& profile) {
  if (!has_source(profile.sources, kAssumptionSource))
    profile.sources.push_back(
        {std::string(kAssumptionSource), "Figures of practice where a profile holds none", "", ""});
}

bool times(const ProfileFile& profile, TimedOperator op) {
  const auto is_op = [&](const auto& row) { return row.op == op; };
  return std::ranges::any_of(profile.entries, is_op) || std::ranges::any_of(profile.tables, is_op);
}

void add_constant(ProfileFile& profile, const AssumedConstant& assumed, std::vector<std::string>& added) {
  const auto is_it = [&](const Constant& constant) { return constant.name == assumed.name; };
  if (std::ranges::any_of(profile.constants, is_it)) return;
  Constant constant;
  constant.name = assumed.name;
  constant.value = assumed.value;
  constant.unit = assumed.unit;
  constant.provenance = Provenance::assumed;
  constant.sources = {std::string(kAssumptionSource)};
  constant.interval = {assumed.low, assumed.high};
  constant.note = "not in the profile: a figure of practice";
  profile.constants.push_back(std::move(constant));
  added.emplace_back(assumed.name);
}

void add_link(ProfileFile& profile, std::string_view name, BytesPerSecond bandwidth,
              std::vector<std::string>& added) {
  const auto is_it = [&](const Entry& entry) {
    return entry.op == TimedOperator::link && entry.name == name;
  };
  if (std::ranges::any_of(profile.entries, is_it)) return;
  Entry entry;
  entry.op = TimedOperator::link;
  entry.name = name;
  entry.bandwidth = bandwidth;
  entry.gpu = profile.gpu.name;
  entry.kernel = "datasheet";
  entry.provenance = Provenance::assumed;
  entry.source = kAssumptionSource;
  profile.entries.push_back(std::move(entry));
  added.emplace_back(name);
}

}  // namespace

std::vector<std::string> add_assumed_constants(ProfileFile& profile) {
  std::vector<std::string> added;
  for (const AssumedConstant& assumed : kConstants) add_constant(profile, assumed, added);
  if (times(profile, TimedOperator::gqa_prefill)) add_constant(profile, kGqaBackward, added);
  if (!added.empty()) add_source(profile);
  return added;
}

std::vector<std::string> add_assumed_links(ProfileFile& profile) {
  constexpr BytesPerSecond kUsableNic(47.5e9);  // 95 % of 400 Gb/s
  std::vector<std::string> added;
  add_link(profile, "nvlink_usable", profile.gpu.nvlink_bandwidth * kUsableNvlink, added);
  add_link(profile, "nic_usable", kUsableNic, added);
  if (!added.empty()) add_source(profile);
  return added;
}

}  // namespace moesim
