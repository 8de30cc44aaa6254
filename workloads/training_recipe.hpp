#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/quantity.hpp"
#include "base/spec.hpp"

namespace moesim {

/// Format of the inputs of linear layers in all three passes.
enum class TrainingPrecision : std::uint8_t { bf16, fp8 };

template <>
struct EnumNames<TrainingPrecision> {
  static constexpr std::array<std::pair<TrainingPrecision, std::string_view>, 2> table{
      {{TrainingPrecision::bf16, "bf16"}, {TrainingPrecision::fp8, "fp8"}}};
};

/// How a value is kept between passes or steps.
enum class StorageFormat : std::uint8_t {
  fp32,
  bf16,
  fp8,   ///< with one FP32 scale per 128 values
  e5m6,  ///< 12 bits, with one FP32 scale per 128 values
};

template <>
struct EnumNames<StorageFormat> {
  static constexpr std::array<std::pair<StorageFormat, std::string_view>, 4> table{
      {{StorageFormat::fp32, "fp32"},
       {StorageFormat::bf16, "bf16"},
       {StorageFormat::fp8, "fp8"},
       {StorageFormat::e5m6, "e5m6"}}};
};

/// Bytes of one value, its share of a scale included: 4, 2, 1 + 4/128, 1.5 + 4/128.
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

/// One optimizer step of pre-training.
struct TrainingRecipe {
  std::int64_t sequence_length = 0;  ///< tokens
  std::int64_t global_batch = 0;     ///< sequences a step
  TrainingPrecision precision = TrainingPrecision::fp8;
  MemoryRecipe memory;

  [[nodiscard]] std::int64_t tokens_per_step() const { return sequence_length * global_batch; }
  [[nodiscard]] StorageFormat linear_format() const {
    return precision == TrainingPrecision::fp8 ? StorageFormat::fp8 : StorageFormat::bf16;
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
