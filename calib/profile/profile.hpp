#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/attention_curves.hpp"
#include "calib/profile/collective_curves.hpp"
#include "calib/profile/curves.hpp"
#include "calib/profile/gemm_curves.hpp"
#include "calib/profile/profile_file.hpp"
#include "calib/profile/serving_curves.hpp"

namespace moesim {

/// Attention with its dimensions per head. `cached` tokens stand before the `queries` new ones.
struct AttentionShape {
  double heads = 0;
  double qk_dim = 0;   ///< 192 for multi-head latent attention that is not absorbed
  double v_dim = 0;    ///< 128
  double queries = 0;  ///< new tokens of one sequence
  double cached = 0;
  double sequences = 1;
  bool causal = true;
  double kv_heads = 0;  ///< of grouped-query attention; 0: unknown

  /// 2 heads (qk_dim + v_dim) times the (query, key) pairs.
  [[nodiscard]] double flops() const;
};

enum class AttentionRole { forward, backward };

/// A phase of an overlapped layer as the training profile shows it, or one part of it.
struct OverlappedPart {
  std::string name;
  TimeEstimate estimate;
};

/// What a GPU and its links do, with some sources left out. Entries of another GPU, and what is carried to
/// another shape, count as derived. Lookups throw CalibrationError where nothing is left to answer from.
class CalibrationProfile {
 public:
  /// Where several entries time one point, measured goes before published before derived, then the shortest
  /// time; the others widen p90, and a disagreement above 0.5 % becomes a warning.
  CalibrationProfile(ProfileFile file, SourceSet excluded, std::string path);

  [[nodiscard]] const std::string& name() const { return file_.name; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// What it was made from, nothing left out, with assumed constants where it has none (assumptions.hpp).
  [[nodiscard]] const ProfileFile& file() const { return file_; }
  [[nodiscard]] const GpuFacts& gpu() const { return file_.gpu; }
  [[nodiscard]] const SourceSet& excluded() const { return excluded_; }
  [[nodiscard]] const std::vector<Source>& sources() const { return file_.sources; }
  /// The entries in use, duplicates resolved; without the points of GEMM grids, which go to their curves
  /// directly (file() has them).
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  void warn(std::string warning) { warnings_.push_back(std::move(warning)); }
  [[nodiscard]] const std::vector<Constant>& constants() const { return file_.constants; }
  [[nodiscard]] ResolvedConstant constant(std::string_view name) const;
  [[nodiscard]] double value(std::string_view name) const { return constant(name).value; }
  /// Rate of GEMMs and attention for hours over that of the isolated entries, where the profile knows at
  /// which clocks those were timed; it then stands for the stack's.
  [[nodiscard]] std::optional<ResolvedConstant> sustained_rate() const;

  /// An isolated GEMM on all SMs. Input gradients use the forward curves at their shape. A weight gradient
  /// includes the traffic of its accumulation into the main gradient, `accumulation_bytes` per parameter: the
  /// curves time kernels that accumulate in FP32; without one it is the forward GEMM over
  /// weight_gradient_rate plus that traffic.
  [[nodiscard]] TimeEstimate gemm(const GemmShape& shape, double accumulation_bytes = 8) const;

  /// An isolated attention core of prompts; 576 and 512 wide heads are the absorbed form of latent attention.
  /// Cached tokens and a missing mask: the FLOPs at the rate of the past-free shape of equal queries or equal
  /// FLOPs, whichever is slower. Without entries of its kernel, the utilisation of other attention kernels;
  /// without any, half of the peak (Grade::rule). Backward: entries of role input_gradient where there are
  /// any, else attention_backward_ratio (of gqa_prefill: gqa_backward_ratio) times forward, pre and post
  /// included.
  [[nodiscard]] TimeEstimate attention(const AttentionShape& shape,
                                       AttentionRole role = AttentionRole::forward) const;

  /// Decode of latent attention, absorbed, the core alone. Without entries: a start and max(FLOPs /
  /// mla_decode_rate, bytes / mla_decode_bandwidth), or shares of the peaks (Grade::rule).
  [[nodiscard]] TimeEstimate mla_decode(const MlaDecodeShape& shape) const;
  /// Decode of grouped-query attention. Without entries: shares of the peaks (Grade::rule).
  [[nodiscard]] TimeEstimate gqa_decode(const GqaDecodeShape& shape) const;

  /// An elementwise kernel: max(small_kernel_floor, bytes / (small_kernel_bandwidth x HBM bandwidth)).
  [[nodiscard]] TimeEstimate small(Bytes bytes) const;

  /// An operator inside an overlapped layer, e.g. "q_up" or "routed_down_dgrad"; nothing where its source is
  /// left out.
  [[nodiscard]] std::optional<TimeEstimate> overlapped_operator(std::string_view name) const;
  /// The mean span of a phase of an overlapped layer, e.g. "attention_forward", or of the whole "layer_pair".
  [[nodiscard]] std::optional<TimeEstimate> overlapped_phase(std::string_view phase) const;
  /// What a phase is made of (kernel times, which may exceed the span where streams overlap); empty where
  /// unknown.
  [[nodiscard]] std::vector<OverlappedPart> overlapped_parts(std::string_view phase) const;
  [[nodiscard]] std::optional<TimeEstimate> overlapped_part(std::string_view phase,
                                                            std::string_view name) const;

  /// Bandwidth of a normal dispatch or combine as its source counts bytes (traffic inside a node included),
  /// at an expert-parallel size: linear in log(ep) between published sizes, held outside.
  [[nodiscard]] BytesPerSecond all_to_all_bandwidth(TimedOperator op, double ep) const;
  /// Time of a low-latency dispatch or combine: by TransferCurves where several loads were timed at the
  /// nearest expert-parallel size, else its one point with all but low_latency_start growing with
  /// tokens x top_k x hidden; transfer_law() where the profile has no such entry.
  [[nodiscard]] TimeEstimate low_latency(TimedOperator op, double ep, double tokens, double top_k,
                                         double hidden, double experts = 256) const;
  /// Time that a normal dispatch or combine takes to transmit, without waiting for skewed peers, by
  /// TransferCurves or transfer_law(). Training reads all_to_all_bandwidth() instead.
  [[nodiscard]] TimeEstimate normal_transfer(const TransferShape& shape) const;

  /// Routed experts of one GPU in a kernel of kExpertsNormal, ... (expert_curves.hpp), by ExpertCurves. Where
  /// the kernel has no entries: two grouped GEMMs and small kernels, times what skew adds to the carrier.
  [[nodiscard]] TimeEstimate expert_mlp(const ExpertShape& shape, std::string_view kernel) const;
  /// By BatchedGemmCurves; a GEMM times `batch` where the profile has no entries of the format.
  [[nodiscard]] TimeEstimate batched_gemm(const BatchedGemmShape& shape) const;
  /// The all-reduce of a serving framework inside a node, in a CUDA graph: `bytes` is the buffer of one GPU;
  /// 0 for one GPU. Nothing where the profile has no entries.
  [[nodiscard]] std::optional<TimeEstimate> custom_all_reduce(int num_gpus, Bytes bytes) const;
  /// What entries alone answer of the four above; nothing where there are none.
  [[nodiscard]] const ServingCurves& serving_curves() const { return serving_; }

  /// Time of a collective of NCCL inside one node: `bytes` is the whole buffer of one GPU as nccl-tests
  /// counts it (what it reduces, the gathered result, what it scatters, what it sends to all). Along bytes
  /// and GPUs as CollectiveCurves says; 0 for one GPU. Nothing where the profile has no such entry; `op` is
  /// all_reduce, all_gather, reduce_scatter or all_to_all.
  [[nodiscard]] std::optional<TimeEstimate> nccl_time(TimedOperator op, int num_gpus, Bytes bytes) const;

  /// "nvlink", "nvlink_usable", "nic", "nic_usable".
  [[nodiscard]] BytesPerSecond link_bandwidth(std::string_view name) const;
  /// "nic_latency_same_leaf", "nic_latency_across_leaves", "nvlink_latency".
  [[nodiscard]] Seconds link_latency(std::string_view name) const;

 private:
  void resolve_entries();
  void build_curves();
  void start_gemm_curves();
  void add_gemm(const Entry& entry);
  void add_gemm_grid(const EntryTable& table);
  void add_collective(const Entry& entry);
  void build_serving_curves();
  [[nodiscard]] TimeEstimate estimate_of(const Entry& entry) const;
  [[nodiscard]] Provenance provenance_of(const Entry& entry) const;
  [[nodiscard]] Provenance provenance_on(const std::string& gpu, Provenance stated) const;
  [[nodiscard]] Grade grade_on(const std::string& gpu) const;
  [[nodiscard]] const GemmCurves& curves(NumberFormat format, bool weight_gradient, bool grouped) const;
  [[nodiscard]] bool has_mxfp8() const;
  [[nodiscard]] TimeEstimate gemm_from_curves(const GemmShape& shape) const;
  [[nodiscard]] std::optional<PrefillKernel> prefill_kernel(const AttentionShape& shape, bool backward) const;
  [[nodiscard]] TimeEstimate past_free_attention(const AttentionShape& shape, double length,
                                                 bool backward) const;
  [[nodiscard]] TimeEstimate any_attention(const AttentionShape& shape, bool backward) const;
  /// Throws where entries of one of these operators are there and left out.
  void refuse_left_out(std::initializer_list<TimedOperator> ops) const;
  [[nodiscard]] const Entry& link(std::string_view name) const;
  [[nodiscard]] std::vector<const Entry*> by_expert_parallel(TimedOperator op) const;
  [[nodiscard]] TransferLinks transfer_links() const;
  [[nodiscard]] bool lost_to_exclusion(TimedOperator op) const;
  [[nodiscard]] TimeEstimate by_law(const TransferShape& shape) const;
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const;

  ProfileFile file_;
  SourceSet excluded_;
  std::string path_;
  std::vector<Entry> entries_;
  std::vector<std::string> warnings_;
  std::vector<GemmCurves> gemm_curves_;  ///< [format][forward, weight gradient][dense, grouped]
  AttentionCurves attention_{file_.gpu};
  std::vector<CollectiveCurves> collectives_;
  ServingCurves serving_;
};

/// Loads calib/profiles/NAME.json, or the file at that path where `name_or_path` ends in .json.
/// Throws SpecError or CalibrationError; an unknown name is answered with the nearest one, a source id in
/// `excluded` that neither file holds is left to the caller.
CalibrationProfile load_profile(std::string_view name_or_path, const SourceSet& excluded = {});

/// Names of the shipped profiles, sorted.
std::vector<std::string> profile_names();

}  // namespace moesim
