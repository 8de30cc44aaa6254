#include "workloads/training_recipe.hpp"

namespace moesim {

double bytes_per_value(StorageFormat format) {
  constexpr double kScale = 4.0 / 128;
  switch (format) {
    case StorageFormat::fp32:
      return 4;
    case StorageFormat::bf16:
      return 2;
    case StorageFormat::fp8:
      return 1 + kScale;
    case StorageFormat::e5m6:
      return 1.5 + kScale;
    case StorageFormat::mxfp8:
      return 1 + 1.0 / 32;
  }
  return 0;
}

const Spec<MemoryRecipe>& spec_of(const MemoryRecipe*) {
  static const Spec<MemoryRecipe> spec =
      Spec<MemoryRecipe>("memory", "What stays in GPU memory, and how; the defaults are DeepSeek-V3's.")
          .field("expert_inputs", &MemoryRecipe::expert_inputs,
                 "inputs of linears after dispatch; default: the precision", choices({"bf16", "fp8"}))
          .field("swiglu_inputs", &MemoryRecipe::swiglu_inputs,
                 "inputs of SwiGLU, whose output is recomputed; default: the precision",
                 choices({"bf16", "fp8"}))
          .field("attention_output", &MemoryRecipe::attention_output,
                 "inputs of the linear after attention; default: e5m6 with fp8, else bf16",
                 choices({"bf16", "fp8", "e5m6"}))
          .field("moments", &MemoryRecipe::moments, "both AdamW moments",
                 choices({"fp32", "bf16"}) | optional())
          .field("gradients", &MemoryRecipe::gradients, "accumulated over micro-batches",
                 choices({"fp32", "bf16"}) | optional())
          .field("ema", &MemoryRecipe::ema, "where an FP32 average of the parameters is kept", optional())
          .field("mtp_shares_embedding", &MemoryRecipe::mtp_shares_embedding,
                 "MTP modules use embedding and head of the same rank", optional())
          .field("expert_rows_over_mean", &MemoryRecipe::expert_rows_over_mean,
                 "rows of a rank over the mean, averaged over layers and micro-batches in flight",
                 at_least(1) | optional());
  return spec;
}

const Spec<BatchPhase>& spec_of(const BatchPhase*) {
  static const Spec<BatchPhase> spec =
      Spec<BatchPhase>("batch_phase", "Part of a run with one batch size or an even ramp.")
          .field("global_batch", &BatchPhase::global_batch, "sequences a step", between(1, 1 << 30))
          .field("to", &BatchPhase::to, "sequences a step at its end; absent: the same", between(1, 1 << 30))
          .field("tokens", &BatchPhase::tokens, "tokens of the part", at_least(1));
  return spec;
}

const Spec<BatchFallback>& spec_of(const BatchFallback*) {
  static const Spec<BatchFallback> spec =
      Spec<BatchFallback>("fallback", "What runs batches that the layout does not take.")
          .field("schedule", &BatchFallback::schedule, "schedule of the pipeline", non_empty())
          .field("replicas", &BatchFallback::replicas, "replicas that work; the other GPUs wait", at_least(1))
          .check([](const BatchFallback& fallback) -> std::optional<SpecIssue> {
            if (fallback.schedule || fallback.replicas) return std::nullopt;
            return SpecIssue{"", "names nothing to fall back to", "give schedule, replicas or both"};
          });
  return spec;
}

const Spec<TrainingRecipe>& spec_of(const TrainingRecipe*) {
  static const Spec<TrainingRecipe> spec =
      Spec<TrainingRecipe>("recipe", "One optimizer step of pre-training.")
          .field("sequence_length", &TrainingRecipe::sequence_length, "tokens of a sequence",
                 between(1, 1 << 30))
          .field("global_batch", &TrainingRecipe::global_batch, "sequences a step", between(1, 1 << 30))
          .field("precision", &TrainingRecipe::precision, "format of the inputs of linear layers")
          .field("capacity_factor", &TrainingRecipe::capacity_factor,
                 "most rows of an expert over the mean, the rest is dropped; absent: none is", above(0))
          .field("capacity_padded", &TrainingRecipe::capacity_padded, "experts are padded to their capacity",
                 optional())
          .field("memory", &TrainingRecipe::memory, "what stays in GPU memory", optional())
          .field("batch_schedule", &TrainingRecipe::batch_schedule,
                 "batch sizes over a whole run, for its total; global_batch stays the step that is simulated",
                 non_empty())
          .field("fallback", &TrainingRecipe::fallback, "what runs batches that the layout does not take")
          .check([](const TrainingRecipe& recipe) -> std::optional<SpecIssue> {
            if (!recipe.capacity_padded || recipe.capacity_factor) return std::nullopt;
            return SpecIssue{"/capacity_padded", "padded to a capacity that is not given",
                             "give capacity_factor"};
          });
  return spec;
}

}  // namespace moesim
