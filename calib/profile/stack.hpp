#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"
#include "calib/profile/constant.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/serving_policy.hpp"
#include "models/number_format.hpp"

namespace moesim {

enum class GraphScope { none, layer, step };
enum class SyncMembers { none, expert_group, all };
enum class AllToAllBackend { nccl, deepep_normal, deepep_low_latency };
/// Kinds of computation that communication beside them slows differently.
enum class ComputeClass { gemm, attention, small };

template <>
struct EnumNames<GraphScope> {
  static constexpr std::array<std::pair<GraphScope, std::string_view>, 3> table{
      {{GraphScope::none, "none"}, {GraphScope::layer, "layer"}, {GraphScope::step, "step"}}};
};
template <>
struct EnumNames<SyncMembers> {
  static constexpr std::array<std::pair<SyncMembers, std::string_view>, 3> table{
      {{SyncMembers::none, "none"}, {SyncMembers::expert_group, "expert_group"}, {SyncMembers::all, "all"}}};
};
template <>
struct EnumNames<AllToAllBackend> {
  static constexpr std::array<std::pair<AllToAllBackend, std::string_view>, 3> table{{
      {AllToAllBackend::nccl, "nccl"},
      {AllToAllBackend::deepep_normal, "deepep_normal"},
      {AllToAllBackend::deepep_low_latency, "deepep_low_latency"},
  }};
};
template <>
struct EnumNames<ComputeClass> {
  static constexpr std::array<std::pair<ComputeClass, std::string_view>, 3> table{
      {{ComputeClass::gemm, "gemm"}, {ComputeClass::attention, "attention"}, {ComputeClass::small, "small"}}};
};

/// Where the times of an operator come from; `op` is a class of operators ("q_up", "attention_core") or a
/// kind ("gemm", "grouped_gemm", "weight_gradient").
struct KernelSource {
  std::string op;
  std::string source;  ///< source id of the calibration
  std::string release;
  double factor = 1;  ///< on the time
};
const Spec<KernelSource>& spec_of(const KernelSource*);

/// An operation that members of a group start together; with `host_waits` the host issues nothing until it is
/// done.
struct SyncPoint {
  std::string phase;
  SyncMembers members = SyncMembers::none;
  bool host_waits = false;
};
const Spec<SyncPoint>& spec_of(const SyncPoint*);

struct AllToAll {
  AllToAllBackend backend = AllToAllBackend::deepep_normal;
  int num_sms = 0;     ///< taken from computation while a transfer runs
  int num_chunks = 1;  ///< NIC and NVLink are pipelined over this many chunks
  /// In passes that run alone transfers take turns with computation, weight gradients right behind input
  /// gradients, as in one autograd node; else they run beside weight gradients.
  bool serial = false;
  NumberFormat dispatch_format = NumberFormat::fp8;
  NumberFormat combine_format = NumberFormat::bf16;
};
const Spec<AllToAll>& spec_of(const AllToAll*);

/// Computation phases that run beside one communication phase, in order, when two passes overlap.
struct OverlapPair {
  std::vector<std::string> computation;
  std::string communication;
};
const Spec<OverlapPair>& spec_of(const OverlapPair*);

/// How much of its rate a kind of computation keeps beside communication: SM share (where it counts) x
/// `contention`, the name of a constant (empty: 1).
struct OverlapSlowdown {
  ComputeClass compute = ComputeClass::gemm;
  bool loses_sms = true;
  std::string contention;
};
const Spec<OverlapSlowdown>& spec_of(const OverlapSlowdown*);

/// How gradients and weights move over replicas. What ZeRO 2 and 3 move within passes runs beside computation
/// whatever the two overlap flags say.
struct DataParallelPolicy {
  int num_buckets = 1;          ///< of a stage, closed as layers of a backward finish; ZeRO 2, 3: one a layer
  bool overlap_reduce = false;  ///< reduced behind the backward of the last micro-batch, bucket by bucket
  bool overlap_gather = false;  ///< weights gathered behind the forward of the first micro-batch
  bool holds_sms = false;       ///< slows computation beside it as dispatch and combine do
  std::optional<bool> reshard_after_forward;    ///< ZeRO 3; absent: without pipeline parallelism only
  std::optional<bool> reduce_every_microbatch;  ///< absent: ZeRO 2, and ZeRO 3 without pipeline parallelism
  int prefetch_layers = 1;                      ///< ZeRO 3: gathers in front of the layer that computes
};
const Spec<DataParallelPolicy>& spec_of(const DataParallelPolicy*);

/// What runs beside the collectives of a tensor-parallel group.
enum class TensorOverlap {
  none,
  backward,  ///< the inputs gathered again beside the input gradient, input gradients reduced beside the
             ///< weight gradient
  pieces     ///< every collective in pieces beside the GEMM that it feeds or is fed by
};
template <>
struct EnumNames<TensorOverlap> {
  static constexpr std::array<std::pair<TensorOverlap, std::string_view>, 3> table{
      {{TensorOverlap::none, "none"},
       {TensorOverlap::backward, "backward"},
       {TensorOverlap::pieces, "pieces"}}};
};

struct TensorParallelPolicy {
  TensorOverlap overlap = TensorOverlap::none;
  int num_sms = 0;  ///< taken from the computation beside a collective
};
const Spec<TensorParallelPolicy>& spec_of(const TensorParallelPolicy*);

/// How kernels are put together by a piece of software: calib/stacks/NAME.json. Every number that is no count
/// of kernels, SMs, chunks or buckets is a constant.
struct Stack {
  int schema_version = 0;
  std::string name;
  std::string description;
  std::vector<Source> sources;
  std::vector<KernelSource> kernels;
  /// Classes of operators of models/ (see operator_class) that other kernels do on the way: they cost
  /// nothing.
  std::vector<std::string> fused;
  /// Bytes of a class of small kernels over what models/ counts, e.g. 2 where it runs as two kernels;
  /// others 1.
  std::map<std::string, double> small_kernel_bytes;
  std::map<std::string, int> num_kernels;  ///< launches of communication phases and of the end of a step
  GraphScope graph_scope = GraphScope::none;
  std::vector<SyncPoint> sync_points;
  AllToAll all_to_all;
  std::vector<OverlapPair> overlap;
  std::vector<OverlapSlowdown> slowdowns;
  /// Kernels of an overlapped pair are launched for the SMs that communication leaves, whether it runs or
  /// not.
  bool fixed_sm_partition = false;
  DataParallelPolicy data_parallel;
  TensorParallelPolicy tensor_parallel;
  std::optional<ServingPolicy> serving;             ///< absent: it serves nothing
  NumberFormat gradient_type = NumberFormat::fp32;  ///< main gradients, where the recipe names no format
  NumberFormat moment_type = NumberFormat::bf16;    ///< of AdamW, where the recipe names no format
  std::vector<Constant> constants;
  std::string path;  ///< of the file, for errors

  /// The constant, or its fallback where one of its sources is in `excluded`. Throws CalibrationError with
  /// the nearest name for one that is not there.
  [[nodiscard]] ResolvedConstant constant(std::string_view constant_name, const SourceSet& excluded) const;
  [[nodiscard]] double value(std::string_view constant_name, const SourceSet& excluded) const;

  /// The constant's value, or `otherwise` where the stack has none of that name.
  [[nodiscard]] double value_or(std::string_view constant_name, const SourceSet& excluded,
                                double otherwise) const;

  /// In (0, 1]: progress beside `num_sms_taken` SMs of communication. 1 for a kind without slowdown row.
  [[nodiscard]] double overlapped_rate(ComputeClass compute, int num_sms, int num_sms_taken,
                                       const SourceSet& excluded) const;
  /// Bytes per parameter and micro-batch that accumulation into main gradients reads and writes: 8 FP32, 4
  /// BF16.
  [[nodiscard]] double accumulation_bytes() const { return 2 * bytes_per_element(gradient_type); }
  [[nodiscard]] bool fuses(std::string_view operator_class) const;
  /// 0 for a phase without row.
  [[nodiscard]] int num_kernels_of(std::string_view phase) const;
};
const Spec<Stack>& spec_of(const Stack*);

inline constexpr int kStackSchemaVersion = 1;

/// Loads calib/stacks/NAME.json, or the file at that path where `name_or_path` ends in .json.
/// Throws SpecError or CalibrationError (unknown version, unknown name with the nearest).
Stack load_stack(std::string_view name_or_path);

/// Names of the shipped stacks, sorted.
std::vector<std::string> stack_names();

/// Every fitted, assumed, derived and cited constant of both, stack first, as they stand with the profile's
/// excluded sources left out.
std::vector<ResolvedConstant> list_constants(const Stack& stack, const CalibrationProfile& profile);

}  // namespace moesim
