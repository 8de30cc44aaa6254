#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "base/spec.hpp"

namespace moesim {

/// Format of the inputs of linear layers in all three passes.
enum class TrainingPrecision : std::uint8_t {
  bf16,
  fp8,    ///< blockwise, as DeepSeek-V3
  mxfp8,  ///< microscaling, on GPUs that multiply it
};

template <>
struct EnumNames<TrainingPrecision> {
  static constexpr std::array<std::pair<TrainingPrecision, std::string_view>, 3> table{
      {{TrainingPrecision::bf16, "bf16"},
       {TrainingPrecision::fp8, "fp8"},
       {TrainingPrecision::mxfp8, "mxfp8"}}};
};

/// How a value is kept between passes or steps.
enum class StorageFormat : std::uint8_t {
  fp32,
  bf16,
  fp8,    ///< with one FP32 scale per 128 values
  e5m6,   ///< 12 bits, with one FP32 scale per 128 values
  mxfp8,  ///< with a scale of one byte per 32 values
};

template <>
struct EnumNames<StorageFormat> {
  static constexpr std::array<std::pair<StorageFormat, std::string_view>, 5> table{
      {{StorageFormat::fp32, "fp32"},
       {StorageFormat::bf16, "bf16"},
       {StorageFormat::fp8, "fp8"},
       {StorageFormat::e5m6, "e5m6"},
       {StorageFormat::mxfp8, "mxfp8"}}};
};

/// Bytes of one value, its share of a scale included: 4, 2, 1 + 4/128, 1.5 + 4/128, 1 + 1/32.
double bytes_per_value(StorageFormat format);

/// Where an average of the parameters is kept, if anywhere.
enum class EmaPlace : std::uint8_t { none, cpu, gpu };

template <>
struct EnumNames<EmaPlace> {
  static constexpr std::array<std::pair<EmaPlace, std::string_view>, 3> table{
      {{EmaPlace::none, "none"}, {EmaPlace::cpu, "cpu"}, {EmaPlace::gpu, "gpu"}}};
};

/// What stays in GPU memory, and how. The defaults are those of DeepSeek-V3 (technical report, sections 3.2.3
/// and 3.3); where a format is absent it follows the precision.
struct MemoryRecipe {
  std::optional<StorageFormat>
      expert_inputs;  ///< inputs of linears after dispatch; fp8 or bf16 like the precision
  std::optional<StorageFormat>
      swiglu_inputs;  ///< SwiGLU's output is recomputed from them; like the precision
  std::optional<StorageFormat> attention_output;  ///< input of the linear after attention; e5m6 or bf16
  std::optional<StorageFormat> moments;           ///< both AdamW moments; absent: as the stack keeps them
  std::optional<StorageFormat>
      gradients;                       ///< accumulated over micro-batches; absent: as the stack keeps them
  EmaPlace ema = EmaPlace::cpu;        ///< FP32
  bool mtp_shares_embedding = true;    ///< MTP modules use the embedding and head of the same rank
  double expert_rows_over_mean = 1.0;  ///< of a rank, over the layers and micro-batches in flight
};

/// Part of a run with one batch size, or with one that grows or shrinks evenly over its tokens.
struct BatchPhase {
  std::int64_t global_batch = 0;   ///< sequences a step
  std::optional<std::int64_t> to;  ///< sequences at the end; absent: the same
  std::int64_t tokens = 0;
};
const Spec<BatchPhase>& spec_of(const BatchPhase*);

/// What runs the batches of a schedule that the layout does not take. At least one is given.
struct BatchFallback {
  std::optional<std::string> schedule;  ///< of the pipeline, e.g. "1f1b"
  std::optional<int> replicas;          ///< fewer than the layout's; the other GPUs wait
};
const Spec<BatchFallback>& spec_of(const BatchFallback*);

/// One optimizer step of pre-training, and the run that it stands for.
struct TrainingRecipe {
  std::int64_t sequence_length = 0;  ///< tokens
  std::int64_t global_batch = 0;     ///< sequences a step
  TrainingPrecision precision = TrainingPrecision::fp8;
  std::optional<double>
      capacity_factor;           ///< most rows of an expert over the mean; absent: nothing is dropped
  bool capacity_padded = false;  ///< every expert gets exactly that many
  MemoryRecipe memory;
  std::optional<std::vector<BatchPhase>> batch_schedule;  ///< of the run that this is a step of
  std::optional<BatchFallback> fallback;

  [[nodiscard]] std::int64_t tokens_per_step() const { return sequence_length * global_batch; }
  /// Expert rows over tokens x top-k that memory has to hold on the mean rank.
  [[nodiscard]] double padded_rows() const { return capacity_padded ? capacity_factor.value_or(1) : 1; }
  [[nodiscard]] StorageFormat linear_format() const {
    switch (precision) {
      case TrainingPrecision::bf16:
        return StorageFormat::bf16;
      case TrainingPrecision::fp8:
        return StorageFormat::fp8;
      case TrainingPrecision::mxfp8:
        return StorageFormat::mxfp8;
    }
    return StorageFormat::bf16;
  }
  /// Bytes per weight of the copies that GEMMs read instead of BF16: FP8 one, with an FP32 scale per 128 x
  /// 128 values; MXFP8 one for each direction.
  [[nodiscard]] double weight_copy_bytes() const {
    switch (precision) {
      case TrainingPrecision::bf16:
        return 0;
      case TrainingPrecision::fp8:
        return 1 + 4.0 / (128 * 128);
      case TrainingPrecision::mxfp8:
        return 2 * (1 + 1.0 / 32);
    }
    return 0;
  }
  [[nodiscard]] StorageFormat expert_inputs() const { return memory.expert_inputs.value_or(linear_format()); }
  [[nodiscard]] StorageFormat swiglu_inputs() const { return memory.swiglu_inputs.value_or(linear_format()); }
  [[nodiscard]] StorageFormat moments() const { return memory.moments.value_or(StorageFormat::bf16); }
  [[nodiscard]] StorageFormat gradients() const { return memory.gradients.value_or(StorageFormat::fp32); }
  [[nodiscard]] StorageFormat attention_output() const {
    return memory.attention_output.value_or(precision == TrainingPrecision::fp8 ? StorageFormat::e5m6
                                                                                : StorageFormat::bf16);
  }
};

const Spec<MemoryRecipe>& spec_of(const MemoryRecipe*);
const Spec<TrainingRecipe>& spec_of(const TrainingRecipe*);

}  // namespace moesim
