#include <algorithm>

#include <fmt/format.h>

#include "calib/profile/known_constants.hpp"
#include "calib/profile/stack.hpp"
#include "calib/profile/stack_names.hpp"

namespace moesim {

namespace {

std::optional<SpecIssue> check_stack(const Stack& stack) {
  if (auto issue = find_unknown_name(stack)) return issue;
  for (std::size_t i = 0; i < stack.kernels.size(); ++i) {
    if (has_source(stack.sources, stack.kernels[i].source)) continue;
    return SpecIssue{fmt::format("/kernels/{}/source", i),
                     fmt::format("unknown source '{}'", stack.kernels[i].source), "list it under /sources"};
  }
  const bool has_share =
      std::ranges::find(stack.constants, "tensor_overlap", &Constant::name) != stack.constants.end();
  if (stack.tensor_parallel.overlap == TensorOverlap::pieces && !has_share) {
    return SpecIssue{"/tensor_parallel/overlap", "how much of a collective pieces hide is not said",
                     "give the constant tensor_overlap, a ratio in [0, 1]"};
  }
  if (auto issue = find_unknown_constant(stack.constants, known_stack_constants())) return issue;
  return find_constant_fault(stack.constants, stack.sources, kMaxFittedConstants);
}

}  // namespace

const Spec<KernelSource>& spec_of(const KernelSource*) {
  using K = KernelSource;
  static const Spec<K> spec = Spec<K>("kernel_source", "Where the times of an operator come from.")
                                  .field("operator", &K::op, "class or kind of operator", non_empty())
                                  .field("source", &K::source, "source id of the calibration", non_empty())
                                  .field("release", &K::release, "release of the kernel library", optional())
                                  .field("factor", &K::factor, "on the time", above(0) | optional());
  return spec;
}

const Spec<SyncPoint>& spec_of(const SyncPoint*) {
  using S = SyncPoint;
  static const Spec<S> spec =
      Spec<S>("sync_point", "An operation that several GPUs start together.")
          .field("phase", &S::phase, "phase", non_empty())
          .field("members", &S::members, "who starts together")
          .field("host_waits", &S::host_waits, "the host issues nothing until it is done", optional());
  return spec;
}

const Spec<AllToAll>& spec_of(const AllToAll*) {
  using A = AllToAll;
  static const Spec<A> spec =
      Spec<A>("all_to_all", "Dispatch and combine.")
          .field("backend", &A::backend, "library and mode")
          .field("num_sms", &A::num_sms, "SMs taken from computation during a transfer", at_least(0))
          .field("num_chunks", &A::num_chunks, "chunks that pipeline NIC and NVLink", at_least(1))
          .field("serial", &A::serial, "transfers of passes that run alone take turns with computation",
                 optional())
          .field("dispatch_format", &A::dispatch_format, "format of dispatched rows")
          .field("combine_format", &A::combine_format, "format of combined rows");
  return spec;
}

const Spec<OverlapPair>& spec_of(const OverlapPair*) {
  using O = OverlapPair;
  static const Spec<O> spec = Spec<O>("overlap_pair", "Computation beside one communication phase.")
                                  .field("computation", &O::computation, "phases in order", non_empty())
                                  .field("communication", &O::communication, "phase", non_empty());
  return spec;
}

const Spec<OverlapSlowdown>& spec_of(const OverlapSlowdown*) {
  using O = OverlapSlowdown;
  static const Spec<O> spec =
      Spec<O>("slowdown", "What computation loses beside communication.")
          .field("compute", &O::compute, "kind of computation")
          .field("loses_sms", &O::loses_sms, "its rate falls with the SMs that communication takes",
                 optional())
          .field("contention", &O::contention, "constant that multiplies its rate; empty: none", optional());
  return spec;
}

const Spec<DataParallelPolicy>& spec_of(const DataParallelPolicy*) {
  using D = DataParallelPolicy;
  static const Spec<D> spec =
      Spec<D>("data_parallel", "Reduction and gathering over replicas.")
          .field("num_buckets", &D::num_buckets, "buckets of gradients", at_least(1))
          .field("overlap_reduce", &D::overlap_reduce, "reduce-scatter behind the last backward passes")
          .field("overlap_gather", &D::overlap_gather, "all-gather behind the first forward passes")
          .field("holds_sms", &D::holds_sms, "slows computation beside it as dispatch and combine do",
                 optional())
          .field("reshard_after_forward", &D::reshard_after_forward,
                 "ZeRO 3 gathers weights again before the backward; absent: without pipeline parallelism")
          .field("reduce_every_microbatch", &D::reduce_every_microbatch,
                 "gradients are reduced after each backward; absent: ZeRO 2, ZeRO 3 without pipeline "
                 "parallelism")
          .field("prefetch_layers", &D::prefetch_layers, "ZeRO 3: layers gathered ahead of the one computed",
                 between(0, 64) | optional());
  return spec;
}

const Spec<TensorParallelPolicy>& spec_of(const TensorParallelPolicy*) {
  using T = TensorParallelPolicy;
  static const Spec<T> spec =
      Spec<T>("tensor_parallel", "Collectives of the groups that a layer is split over.")
          .field("overlap", &T::overlap,
                 "nothing, backward collectives beside input and weight gradients, or pieces beside GEMMs",
                 optional())
          .field("num_sms", &T::num_sms, "SMs taken from the computation beside a collective",
                 at_least(0) | optional());
  return spec;
}

const Spec<Stack>& spec_of(const Stack*) {
  using S = Stack;
  static const Spec<S> spec =
      Spec<S>("stack", "How kernels are put together by a piece of software.")
          .field("schema_version", &S::schema_version, "version of this format, 1", at_least(1))
          .field("name", &S::name, "name of the stack", non_empty())
          .field("description", &S::description, "what it stands for", optional())
          .field("sources", &S::sources, "every source that a kernel or constant names", non_empty())
          .field("kernels", &S::kernels, "where kernel times come from")
          .field("fused", &S::fused, "classes of operators done on the way by other kernels", optional())
          .field("small_kernel_bytes", &S::small_kernel_bytes,
                 "bytes of a class of small kernels over the model's count", above(0) | optional())
          .field("num_kernels", &S::num_kernels, "launches of communication phases and of the end of a step",
                 at_least(0))
          .field("graph_scope", &S::graph_scope,
                 "what a CUDA graph launches at once: nothing, a phase of a layer, or the step")
          .field("sync_points", &S::sync_points, "operations that several GPUs start together")
          .field("all_to_all", &S::all_to_all, "dispatch and combine")
          .field("overlap", &S::overlap, "computation beside each communication phase, in order of a layer",
                 optional())
          .field("slowdowns", &S::slowdowns, "what computation loses beside communication", optional())
          .field("fixed_sm_partition", &S::fixed_sm_partition,
                 "kernels of overlapped pairs keep off the SMs of communication all the time", optional())
          .field("data_parallel", &S::data_parallel, "reduction and gathering over replicas")
          .field("tensor_parallel", &S::tensor_parallel, "collectives inside a layer", optional())
          .field("serving", &S::serving, "how it serves; absent: scenarios of serving refuse it", optional())
          .field("gradient_type", &S::gradient_type, "of main gradients, where the recipe names no format")
          .field("moment_type", &S::moment_type,
                 "of the optimizer's moments, where the recipe names no format")
          .field("constants", &S::constants, "every number with its origin")
          .check(check_stack);
  return spec;
}

}  // namespace moesim
