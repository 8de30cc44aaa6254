#include "calib/profile/profile_file.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/profile/entry_table.hpp"
#include "calib/profile/known_constants.hpp"

namespace moesim {

namespace {

/// Normal transfers have a bandwidth, or a time where the SMs are stated; links either; all others a time.
std::optional<SpecIssue> check_measure(const Entry& entry) {
  const bool is_transfer =
      entry.op == TimedOperator::dispatch_normal || entry.op == TimedOperator::combine_normal;
  if (is_transfer && !entry.bandwidth && !entry.axes.contains("sms")) {
    return SpecIssue{"/bandwidth", fmt::format("{} has a bandwidth", enum_name(entry.op)),
                     "give e.g. 51 GB/s, or the axis sms and a time"};
  }
  if (entry.bandwidth && !is_transfer && entry.op != TimedOperator::link) {
    return SpecIssue{"/bandwidth", fmt::format("{} has a time", enum_name(entry.op)), "give e.g. 103.5 us"};
  }
  if (entry.rate && flops_of(entry).value() <= 0) {
    return SpecIssue{"/rate", "a rate needs an operator with known FLOPs", "give a time"};
  }
  return std::nullopt;
}

std::optional<SpecIssue> check_entry(const Entry& entry) {
  const int given =
      int{entry.time.has_value()} + int{entry.rate.has_value()} + int{entry.bandwidth.has_value()};
  if (given != 1)
    return SpecIssue{"", "exactly one of time, rate and bandwidth is needed", "keep the published one"};
  const auto axes = axes_of(entry.op);
  for (const auto& axis : axes) {
    if (!entry.axes.contains(axis)) {
      return SpecIssue{"/axes", fmt::format("axis '{}' is missing", axis),
                       fmt::format("axes of {}: {}", enum_name(entry.op), fmt::join(axes, ", "))};
    }
  }
  auto known = axes;
  const auto optional = optional_axes_of(entry.op);
  known.insert(known.end(), optional.begin(), optional.end());
  for (const auto& [key, value] : entry.axes) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return SpecIssue{"/axes/" + key, "unknown axis",
                       fmt::format("axes of {}: {}", enum_name(entry.op), fmt::join(known, ", "))};
    }
  }
  if (entry.p10 > entry.p90)
    return SpecIssue{"/p10", "p10 is above p90", "give both as time over the median time"};
  if (entry.provenance == Provenance::fitted) {
    return SpecIssue{"/provenance", "an entry cannot be fitted", "fitted numbers are constants of a stack"};
  }
  return check_measure(entry);
}

std::optional<SpecIssue> check_file(const ProfileFile& file) {
  if (file.entries.empty() && file.tables.empty())
    return SpecIssue{"/entries", "no timed point", "give entries or tables"};
  for (std::size_t i = 0; i < file.entries.size(); ++i) {
    if (has_source(file.sources, file.entries[i].source)) continue;
    return SpecIssue{fmt::format("/entries/{}/source", i),
                     fmt::format("unknown source '{}'", file.entries[i].source), "list it under /sources"};
  }
  for (std::size_t i = 0; i < file.tables.size(); ++i) {
    const std::string pointer = fmt::format("/tables/{}", i);
    if (auto fault = find_table_fault(file.tables[i]))
      return SpecIssue{pointer + fault->pointer, fault->what, fault->hint};
    if (has_source(file.sources, file.tables[i].source)) continue;
    return SpecIssue{pointer + "/source", fmt::format("unknown source '{}'", file.tables[i].source),
                     "list it under /sources"};
  }
  if (auto issue = find_unknown_constant(file.constants, known_profile_constants())) return issue;
  return find_constant_fault(file.constants, file.sources, 0);
}

}  // namespace

const Spec<GpuFacts>& spec_of(const GpuFacts*) {
  using G = GpuFacts;
  static const Spec<G> spec =
      Spec<G>("gpu", "What a GPU is, from its datasheet; rates without sparsity.")
          .field("name", &G::name, "name as the vendor prints it", non_empty())
          .field("num_sms", &G::num_sms, "streaming multiprocessors", at_least(1))
          .field("memory", &G::memory, "memory that the driver shows", above(0) | example("79.6 GiB"))
          .field("hbm_bandwidth", &G::hbm_bandwidth, "memory bandwidth", above(0) | example("3.35 TB/s"))
          .field("peak_bf16", &G::peak_bf16, "dense BF16 peak", above(0) | example("989.4 TFLOP/s"))
          .field("peak_fp8", &G::peak_fp8, "dense FP8 peak", above(0) | example("1978.9 TFLOP/s"))
          .field("peak_mxfp8", &G::peak_mxfp8, "dense MXFP8 peak; absent: the GPU has none",
                 above(0) | example("4500 TFLOP/s"))
          .field("nvlink_bandwidth", &G::nvlink_bandwidth, "NVLink, one direction",
                 above(0) | example("200 GB/s"))
          .field("idle_power", &G::idle_power, "power without work", above(0) | example("90 W"))
          .field("peak_power", &G::peak_power, "power limit", above(0) | example("700 W"));
  return spec;
}

const Spec<Entry>& spec_of(const Entry*) {
  using E = Entry;
  static const Spec<E> spec =
      Spec<E>("entry", "One timed point.")
          .field("operator", &E::op, "what is timed")
          .field("name", &E::name, "operator, link or part of a phase", optional())
          .field("phase", &E::phase, "phase of an overlapped layer", optional())
          .field("format", &E::format, "number format of the inputs", optional())
          .field("role", &E::role, "pass of training; the shape is that of the GEMM as executed", optional())
          .field("axes", &E::axes, "shape: the axes of the operator", above(0) | optional())
          .field("time", &E::time, "time of one call", above(0) | example("103.5 us"))
          .field("rate", &E::rate, "FLOPs of one call over its time", above(0) | example("1127 TFLOP/s"))
          .field("bandwidth", &E::bandwidth, "bytes as the source counts them over time",
                 above(0) | example("51 GB/s"))
          .field("gpu", &E::gpu, "GPU it was timed on", non_empty())
          .field("kernel", &E::kernel, "library and release", non_empty())
          .field("provenance", &E::provenance, "where it comes from")
          .field("source", &E::source, "source id", non_empty())
          .field("regime", &E::regime, "alone, or beside communication", optional())
          .field("date", &E::date, "date of the figure", optional())
          .field("num_samples", &E::num_samples, "samples behind it, 0 where not published",
                 at_least(0) | optional())
          .field("p10", &E::p10, "10th percentile of the time over the time", above(0) | optional())
          .field("p90", &E::p90, "90th percentile of the time over the time", above(0) | optional())
          .check(check_entry);
  return spec;
}

const Spec<HeldOutError>& spec_of(const HeldOutError*) {
  using H = HeldOutError;
  static const Spec<H> spec =
      Spec<H>("held_out", "How far the curves are from points that they were not made of.")
          .field("name", &H::name, "operator and format", non_empty())
          .field("kind", &H::kind, "points of known curves, whole curves, or all of both", non_empty())
          .field("median_error", &H::median_error, "median of |predicted / timed - 1|", at_least(0))
          .field("p90_error", &H::p90_error, "its 90th percentile", at_least(0))
          .field("held_out_points", &H::held_out_points, "how many points", at_least(0));
  return spec;
}

const Spec<ProfileFile>& spec_of(const ProfileFile*) {
  using P = ProfileFile;
  static const Spec<P> spec =
      Spec<P>("profile", "What a GPU and its links do.")
          .field("schema_version", &P::schema_version, "version of this format, 1", at_least(1))
          .field("name", &P::name, "name of the profile", non_empty())
          .field("description", &P::description, "what it holds", optional())
          .field("gpu", &P::gpu, "the GPU")
          .field("sources", &P::sources, "every source that an entry or constant names", non_empty())
          .field("constants", &P::constants, "rules that are no table", optional())
          .field("entries", &P::entries, "timed points", optional())
          .field("tables", &P::tables, "many timed points of one kernel", optional())
          .field("held_out", &P::held_out, "error of the fit at points that it did not see", optional())
          .check(check_file);
  return spec;
}

double value_dim_of(double head_dim) {
  return head_dim == 192 ? 128 : head_dim;
}

Flops flops_of(const Entry& e) {
  switch (e.op) {
    case TimedOperator::gemm:
      return Flops(2.0 * e.axis("m") * e.axis("n") * e.axis("k"));
    case TimedOperator::grouped_gemm:
    case TimedOperator::grouped_gemm_masked:
      return Flops(2.0 * e.axis("groups") * e.axis("m") * e.axis("n") * e.axis("k"));
    case TimedOperator::attention_prefill:  // causal: half of the (query, key) pairs
      return Flops((e.axes.contains("batch") ? e.axis("batch") : 1) * e.axis("heads") *
                   (e.axis("qk_dim") + e.axis("v_dim")) * e.axis("length") * e.axis("length"));
    case TimedOperator::batched_gemm:
      return Flops(2.0 * e.axis("batch") * e.axis("m") * e.axis("n") * e.axis("k"));
    case TimedOperator::contention:
      return Flops(2.0 * e.axis("m") * e.axis("n") * e.axis("k"));
    case TimedOperator::mla_prefill_absorbed:  // causal; 512 + 64 for the score, 512 for the value
      return Flops(e.axis("batch") * e.axis("heads") * e.axis("length") * e.axis("length") * 1088.0);
    case TimedOperator::gqa_decode:
      return Flops(4.0 * e.axis("batch") * e.axis("heads") * e.axis("head_dim") * e.axis("length"));
    case TimedOperator::gqa_prefill:
      return Flops(e.axis("batch") * e.axis("heads") *
                   (e.axis("head_dim") + value_dim_of(e.axis("head_dim"))) * e.axis("length") *
                   e.axis("length"));
    case TimedOperator::expert_mlp:  // gate, up and down
      return Flops(6.0 * e.axis("rows") * e.axis("hidden") * e.axis("inter"));
    case TimedOperator::mla_decode:  // 512 + 64 for the score, 512 for the value
      return Flops(2.0 * e.axis("batch") * e.axis("queries") * e.axis("heads") * e.axis("length") * 1088.0);
    default:
      return Flops(0.0);
  }
}

Seconds time_of(const Entry& entry) {
  if (entry.time) return *entry.time;
  return entry.rate ? flops_of(entry) / *entry.rate : Seconds(0.0);
}

void check_schema_version(const Json& document, int version, const std::string& file) {
  if (!document.is_object() || !document.contains("schema_version")) return;
  const auto& found = document.at("schema_version");
  if (!found.is_number_integer() || found.get<std::int64_t>() == version) return;
  throw CalibrationError(file, "/schema_version",
                         fmt::format("unknown version {}", found.get<std::int64_t>()),
                         fmt::format("this program reads version {}", version));
}

ProfileFile read_profile_file(const std::string& path) {
  const Json document = read_json_file(path);
  check_schema_version(document, kProfileSchemaVersion, path);
  return read_spec<ProfileFile>(document, path);
}

}  // namespace moesim
