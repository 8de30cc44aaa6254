#include "calib/profile/profile.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>

#include <fmt/format.h>

#include "base/file.hpp"
#include "calib/profile/data_file.hpp"
#include "calib/profile/entry_table.hpp"

namespace moesim {

namespace {

// Repeat measurements further apart than this are worth a warning.
constexpr double kDisagreement = 1.005;
constexpr std::size_t kNumFormats = EnumNames<NumberFormat>::table.size();

/// What two entries share that time the same point, as bytes.
std::string point_id(const Entry& e) {
  std::string id = e.name + '\0' + e.phase + '\0';
  for (const int value : {static_cast<int>(e.op), static_cast<int>(e.format), static_cast<int>(e.role),
                          static_cast<int>(e.regime)})
    id += static_cast<char>(value);
  for (const auto& [axis, value] : e.axes) {  // the operator says which axes these are
    const auto bytes = std::bit_cast<std::array<char, sizeof(value)>>(value);
    id.append(bytes.data(), bytes.size());
  }
  return id;
}

/// The same for people.
std::string point_key(const Entry& e) {
  std::string key = fmt::format("{}|{}|{}|{}|{}|{}", enum_name(e.op), e.name, e.phase, enum_name(e.format),
                                enum_name(e.role), enum_name(e.regime));
  for (const auto& [axis, value] : e.axes) key += fmt::format("|{}={}", axis, value);
  return key;
}

/// Seconds, or seconds per byte where only a bandwidth is given.
double cost_of(const Entry& e) {
  return e.bandwidth ? 1.0 / e.bandwidth->value() : time_of(e).value();
}

std::size_t curve_index(NumberFormat format, bool weight_gradient, bool grouped) {
  return (static_cast<std::size_t>(format) * 2 + std::size_t{weight_gradient}) * 2 + std::size_t{grouped};
}

}  // namespace

double AttentionShape::flops() const {
  const double pairs = queries * cached + queries * queries * (causal ? 0.5 : 1.0);
  return 2.0 * sequences * heads * (qk_dim + v_dim) * pairs;
}

CalibrationProfile::CalibrationProfile(ProfileFile file, SourceSet excluded, std::string path)
    : file_(std::move(file)), excluded_(std::move(excluded)), path_(std::move(path)) {
  resolve_entries();
  build_curves();
}

void CalibrationProfile::resolve_entries() {
  std::unordered_map<std::string, std::size_t> places;  // looked up, never walked
  std::vector<std::vector<const Entry*>> points;
  std::vector<Entry> all = file_.entries;
  for (const auto& table : file_.tables) {
    auto rows = entries_of(table);
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
  }
  for (const auto& entry : all) {
    if (excluded_.contains(entry.source)) continue;
    const auto [place, is_new] = places.emplace(point_id(entry), points.size());
    if (is_new) points.emplace_back();
    points[place->second].push_back(&entry);
  }
  for (auto& point : points) {
    std::stable_sort(point.begin(), point.end(), [&](const Entry* a, const Entry* b) {
      return std::pair(provenance_of(*a), cost_of(*a)) < std::pair(provenance_of(*b), cost_of(*b));
    });
    Entry best = *point.front();
    for (const Entry* other : point) {
      const double ratio = cost_of(*other) / cost_of(best);
      best.p90 = std::max(best.p90, ratio);
      best.p10 = std::min(best.p10, ratio);
      if (ratio <= kDisagreement && ratio >= 1 / kDisagreement) continue;
      warnings_.push_back(fmt::format("{}: {} of {} is {:.3f} times that of {}; the latter is used", path_,
                                      point_key(best), other->source, ratio, best.source));
    }
    entries_.push_back(std::move(best));
  }
}

void CalibrationProfile::build_curves() {
  gemm_curves_.assign(kNumFormats * 4, GemmCurves(file_.gpu));
  for (const auto& entry : entries_) {
    if (entry.regime != Regime::isolated) continue;
    const bool is_gemm = entry.op == TimedOperator::gemm || entry.op == TimedOperator::grouped_gemm ||
                         entry.op == TimedOperator::grouped_gemm_masked;
    if (is_gemm) add_gemm(entry);
    if (is_collective(entry.op)) add_collective(entry);
    if (entry.op == TimedOperator::gqa_prefill) {
      gqa_.add({entry.axis("heads"), entry.axis("kv_heads"), entry.axis("head_dim"), entry.axis("length"),
                entry.axis("batch")},
               estimate_of(entry));
    }
    if (entry.op != TimedOperator::attention_prefill) continue;
    const std::pair dims(entry.axis("qk_dim"), entry.axis("v_dim"));
    auto at = std::find_if(attention_.begin(), attention_.end(),
                           [&](const auto& row) { return row.first == dims; });
    if (at == attention_.end()) at = attention_.insert(attention_.end(), {dims, {}});
    at->second.push_back({entry.axis("length"), entry.axis("heads"), estimate_of(entry)});
  }
  for (auto& curves : collectives_) curves.make_monotone();
  for (auto& [dims, points] : attention_) {
    std::stable_sort(points.begin(), points.end(),
                     [](const AttentionPoint& a, const AttentionPoint& b) { return a.length < b.length; });
  }
}

void CalibrationProfile::add_gemm(const Entry& entry) {
  const bool grouped = entry.op != TimedOperator::gemm;
  const GemmShape shape{
      entry.format, entry.axis("m"), entry.axis("n"), entry.axis("k"), grouped ? entry.axis("groups") : 1.0,
      entry.role};
  gemm_curves_[curve_index(entry.format, entry.role == GemmRole::weight_gradient, grouped)].add(
      shape, estimate_of(entry));
}

Provenance CalibrationProfile::provenance_of(const Entry& entry) const {
  const bool foreign = file_.gpu.name.find(entry.gpu) == std::string::npos;
  return foreign ? std::max(entry.provenance, Provenance::derived) : entry.provenance;
}

TimeEstimate CalibrationProfile::estimate_of(const Entry& entry) const {
  const double seconds = time_of(entry).value();
  return {seconds, provenance_of(entry), entry.source, seconds * entry.p10, seconds * entry.p90};
}

ResolvedConstant CalibrationProfile::constant(std::string_view name) const {
  auto out = resolve(find_constant(file_.constants, name, path_), excluded_, path_);
  out.owner = file_.name;
  return out;
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
    return out;
  }
  const auto efficiency = constant("gemm_efficiency");
  const double seconds = roofline_seconds(shape, file_.gpu);
  return {seconds / efficiency.value, efficiency.provenance, efficiency.sources.front(),
          seconds / efficiency.high, seconds / efficiency.low};
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

bool CalibrationProfile::answers_gqa(const AttentionShape& shape) const {
  return shape.kv_heads > 0 && shape.qk_dim == shape.v_dim && !gqa_.empty();
}

/// The time of the same queries without past and mask, at a shape that was timed; `shape` becomes that one.
TimeEstimate CalibrationProfile::past_free_attention(AttentionShape& shape) const {
  shape.cached = 0;
  shape.causal = true;
  if (answers_gqa(shape)) {
    return gqa_.estimate({shape.heads, shape.kv_heads, shape.qk_dim, shape.queries, shape.sequences});
  }
  if (attention_.empty()) fail("no attention_prefill entry is left", "leave out fewer sources");
  auto at = std::find_if(attention_.begin(), attention_.end(),
                         [&](const auto& row) { return row.first == std::pair(shape.qk_dim, shape.v_dim); });
  if (at == attention_.end()) at = attention_.begin();
  shape.qk_dim = at->first.first;
  shape.v_dim = at->first.second;
  shape.sequences = 1;
  return attention_time(at->second, shape.heads, shape.queries);
}

TimeEstimate CalibrationProfile::attention(const AttentionShape& shape, AttentionRole role) const {
  AttentionShape timed = shape;
  auto out = past_free_attention(timed);
  const double factor = shape.flops() / timed.flops();
  if (factor != 1.0) out = scaled(out, factor);
  if (timed.qk_dim != shape.qk_dim || timed.v_dim != shape.v_dim || shape.cached > 0 || !shape.causal)
    out.provenance = std::max(out.provenance, Provenance::derived);
  if (role == AttentionRole::forward) return out;
  const auto ratio = constant(answers_gqa(shape) ? "gqa_backward_ratio" : "attention_backward_ratio");
  return {out.seconds * ratio.value, std::max(out.provenance, ratio.provenance), out.source,
          out.p10 * ratio.low, out.p90 * ratio.high};
}

TimeEstimate CalibrationProfile::small(Bytes bytes) const {
  const auto share = constant("small_kernel_bandwidth");
  const auto floor = constant("small_kernel_floor");
  const auto at_share = [&](double s, double least) {
    return std::max(least, bytes.value() / (s * file_.gpu.hbm_bandwidth.value()));
  };
  return {at_share(share.value, floor.value), share.provenance, share.sources.front(),
          at_share(share.high, floor.low), at_share(share.low, floor.high)};
}

void CalibrationProfile::fail(const std::string& what, const std::string& hint) const {
  throw CalibrationError(path_, "/entries", what, hint);
}

CalibrationProfile load_profile(std::string_view name_or_path, const SourceSet& excluded) {
  const std::string path = find_data_file("calib/profiles", "profile", name_or_path);
  return CalibrationProfile(read_profile_file(path), excluded, path);
}

std::vector<std::string> profile_names() {
  return data_names("calib/profiles");
}

}  // namespace moesim
