// GEMMs of a profile.
#include <algorithm>

#include "calib/profile/entry_grid.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {

namespace {

constexpr std::size_t kNumFormats = EnumNames<NumberFormat>::table.size();

std::size_t curve_index(NumberFormat format, bool weight_gradient, bool grouped) {
  return (static_cast<std::size_t>(format) * 2 + std::size_t{weight_gradient}) * 2 + std::size_t{grouped};
}

}  // namespace

void CalibrationProfile::start_gemm_curves() {
  gemm_curves_.assign(kNumFormats * 4, GemmCurves(file_.gpu));
}

void CalibrationProfile::add_gemm(const Entry& entry) {
  const bool grouped = entry.op != TimedOperator::gemm;
  const GemmShape shape{
      entry.format, entry.axis("m"), entry.axis("n"), entry.axis("k"), grouped ? entry.axis("groups") : 1.0,
      entry.role};
  gemm_curves_[curve_index(entry.format, entry.role == GemmRole::weight_gradient, grouped)].add(
      shape, estimate_of(entry));
}

void CalibrationProfile::add_gemm_grid(const EntryTable& table) {
  constexpr double kMicrosecond = 1e-6;
  const EntryGrid grid = *grid_of(table);
  auto& curves = gemm_curves_[curve_index(table.format, table.role == GemmRole::weight_gradient, false)];
  TimeEstimate estimate{
      0, provenance_on(table.gpu, table.provenance), table.source, 0, 0, grade_on(table.gpu)};
  GemmShape shape{table.format, 0, 0, 0, 1, table.role};
  const auto set = [&](const std::string& axis, double value) {
    (axis == "m" ? shape.m : axis == "n" ? shape.n : shape.k) = value;
  };
  const std::size_t first = grid.row_axes.size();
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < first; ++i) set(grid.row_axes[i], row[i]);
    for (std::size_t i = 0; i < grid.values.size(); ++i) {
      if (row[first + i] == 0) continue;
      set(grid.axis, grid.values[i]);
      estimate.seconds = row[first + i] * kMicrosecond;
      estimate.p10 = estimate.seconds;
      estimate.p90 = grid.has_p90 ? estimate.seconds * row.back() : estimate.seconds;
      curves.add(shape, estimate);
    }
  }
}

const GemmCurves& CalibrationProfile::curves(NumberFormat format, bool weight_gradient, bool grouped) const {
  return gemm_curves_[curve_index(format, weight_gradient, grouped)];
}

TimeEstimate CalibrationProfile::gemm_from_curves(const GemmShape& shape) const {
  const bool weight = shape.role == GemmRole::weight_gradient;
  const auto& own = curves(shape.format, weight, shape.groups > 1);
  if (!own.empty()) return own.estimate(shape);
  const auto& dense = curves(shape.format, weight, false);
  if (!dense.empty()) {
    GemmShape one = shape;
    one.groups = 1;
    auto out = scaled(dense.estimate(one), shape.groups);
    out.provenance = std::max(out.provenance, Provenance::derived);
    out.grade = std::max(out.grade, Grade::carried);
    return out;
  }
  const auto efficiency = constant("gemm_efficiency");
  const double seconds = roofline_seconds(shape, file_.gpu);
  return {seconds / efficiency.value, efficiency.provenance,    efficiency.sources.front(),
          seconds / efficiency.high,  seconds / efficiency.low, Grade::rule};
}

bool CalibrationProfile::has_mxfp8() const {
  return !curves(NumberFormat::mxfp8, false, false).empty() ||
         !curves(NumberFormat::mxfp8, false, true).empty();
}

TimeEstimate CalibrationProfile::gemm(const GemmShape& shape, double accumulation_bytes) const {
  const bool weight = shape.role == GemmRole::weight_gradient;
  if (shape.format == NumberFormat::mxfp8 && !has_mxfp8()) {
    GemmShape blockwise = shape;
    blockwise.format = NumberFormat::fp8;
    const auto rate = constant("mxfp8_rate_over_fp8");
    auto out = scaled(gemm(blockwise, accumulation_bytes), 1 / rate.value);
    out.p10 *= rate.value / rate.high;
    out.p90 *= rate.value / rate.low;
    out.provenance = std::max(out.provenance, rate.provenance);
    return out;
  }
  if (!weight || !curves(shape.format, true, shape.groups > 1).empty() ||
      !curves(shape.format, true, false).empty()) {
    return gemm_from_curves(shape);
  }
  GemmShape forward = shape;
  forward.role = GemmRole::forward;
  forward.m = shape.k;
  forward.n = shape.m;
  forward.k = shape.n;
  const auto rate = constant(is_fp8(shape.format) ? "weight_gradient_rate_fp8" : "weight_gradient_rate_bf16");
  auto out = scaled(gemm_from_curves(forward), 1.0 / rate.value);
  const double traffic = accumulation_bytes * shape.groups * shape.m * shape.n /
                         (value("accumulation_bandwidth") * file_.gpu.hbm_bandwidth.value());
  out.p10 = out.p10 * rate.value / rate.high + traffic;
  out.p90 = out.p90 * rate.value / rate.low + traffic;
  out.seconds += traffic;
  out.provenance = std::max(out.provenance, rate.provenance);
  return out;
}

}  // namespace moesim
