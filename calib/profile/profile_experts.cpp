// Experts, their transfers and other kernels of serving engines, as a profile answers them.
#include <algorithm>

#include "calib/profile/assumptions.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {

namespace {

// How far transfer_law() is from the published tables of an H800: 3 to 16 %, low.
constexpr double kLawError = 0.16;

TimeEstimate sum(TimeEstimate a, const TimeEstimate& b) {
  a.seconds += b.seconds;
  a.p10 += b.p10;
  a.p90 += b.p90;
  a.provenance = std::max(a.provenance, b.provenance);
  if (a.source.find(b.source) == std::string::npos) a.source += " " + b.source;
  return a;
}

TimeEstimate as_rule(TimeEstimate estimate) {
  estimate.grade = Grade::rule;
  estimate.provenance = std::max(estimate.provenance, Provenance::derived);
  return estimate;
}

}  // namespace

TransferLinks CalibrationProfile::transfer_links() const {
  TransferLinks links{file_.gpu.nvlink_bandwidth.value(), kUsualNic};
  for (const Entry& entry : entries_) {
    if (entry.op == TimedOperator::link && entry.name == "nic_usable" && entry.bandwidth)
      links.nic = entry.bandwidth->value();
  }
  return links;
}

void CalibrationProfile::build_serving_curves() {
  std::vector<TimedEntry> timed;
  for (const Entry& entry : entries_) {
    if (!entry.bandwidth) timed.push_back({&entry, estimate_of(entry)});
  }
  serving_ = ServingCurves(timed, file_.gpu, transfer_links());
}

bool CalibrationProfile::lost_to_exclusion(TimedOperator op) const {
  const auto excluded_one = [&](TimedOperator other, const std::string& source) {
    return other == op && excluded_.contains(source);
  };
  return std::any_of(file_.entries.begin(), file_.entries.end(),
                     [&](const Entry& e) { return excluded_one(e.op, e.source); }) ||
         std::any_of(file_.tables.begin(), file_.tables.end(),
                     [&](const EntryTable& t) { return excluded_one(t.op, t.source); });
}

TimeEstimate CalibrationProfile::by_law(const TransferShape& shape) const {
  const double seconds = transfer_law(shape, transfer_links());
  return {seconds, Provenance::assumed,       std::string(kAssumptionSource),
          seconds, seconds * (1 + kLawError), Grade::rule};
}

TimeEstimate CalibrationProfile::normal_transfer(const TransferShape& shape) const {
  if (const auto timed = serving_.transfer(shape)) return *timed;
  return by_law(shape);
}

TimeEstimate CalibrationProfile::expert_mlp(const ExpertShape& shape, std::string_view kernel) const {
  if (const auto timed = serving_.experts(kernel, shape)) return *timed;
  const double rows = shape.rows / shape.experts;
  const double element = bytes_per_element(shape.format);
  const TimeEstimate up = gemm({shape.format, rows, 2 * shape.inter, shape.hidden, shape.experts});
  const TimeEstimate down = gemm({shape.format, rows, shape.hidden, shape.inter, shape.experts});
  const TimeEstimate activation = small(Bytes(shape.rows * shape.inter * (4 + element)));
  TimeEstimate out = sum(sum(up, down), activation);
  if (shape.tokens > 0) {
    const double packed = shape.hidden * (shape.rows + shape.tokens);
    out = sum(out, sum(small(Bytes(packed * element)), small(Bytes(packed * 2))));
  }
  ExpertShape balanced = shape;
  balanced.max_rows = 0;
  const double skew = expert_carrier(shape, file_.gpu, 0) / expert_carrier(balanced, file_.gpu, 0);
  return as_rule(scaled(out, skew));
}

TimeEstimate CalibrationProfile::batched_gemm(const BatchedGemmShape& shape) const {
  if (const auto timed = serving_.batched_gemm(shape)) return *timed;
  return as_rule(scaled(gemm({shape.format, shape.m, shape.n, shape.k}), shape.batch));
}

std::optional<TimeEstimate> CalibrationProfile::custom_all_reduce(int num_gpus, Bytes bytes) const {
  return serving_.custom_all_reduce(num_gpus, bytes.value());
}

}  // namespace moesim
