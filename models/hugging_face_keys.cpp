#include <array>
#include <utility>

#include "models/hugging_face.hpp"

namespace moesim {
namespace {

constexpr std::string_view kPositions = "positions cost the same whatever their frequencies";
constexpr std::string_view kFormats = "number formats are those of a scenario's recipe and stack";
constexpr std::string_view kTraining = "values of training, not sizes";
constexpr std::string_view kTokens = "identifiers of tokens";
constexpr std::string_view kSoftware = "for the software that reads the file";
constexpr std::string_view kUnused = "no layer of this model uses it";

constexpr std::array<std::pair<std::string_view, std::string_view>, 47> kReasons{{
    {"_name_or_path", kSoftware},
    {"attention_dropout", kTraining},
    {"auto_map", kSoftware},
    {"aux_loss_alpha", kTraining},
    {"bos_token_id", kTokens},
    {"decoder_start_token_id", kTokens},
    {"dtype", kFormats},
    {"embd_pdrop", kTraining},
    {"eos_token_id", kTokens},
    {"ep_size", kSoftware},
    {"ffn_dropout", kTraining},
    {"hidden_dropout", kTraining},
    {"initializer_range", kTraining},
    {"intermediate_size", kUnused},
    {"max_window_layers", kUnused},
    {"n_group", kUnused},
    {"norm_topk_prob", kUnused},
    {"num_key_value_heads", "latent attention has keys and values for every head"},
    {"output_attentions", kSoftware},
    {"output_hidden_states", kSoftware},
    {"output_router_logits", kSoftware},
    {"pad_token_id", kTokens},
    {"partial_rotary_factor", kPositions},
    {"pretraining_tp", kSoftware},
    {"quantization_config", kFormats},
    {"resid_pdrop", kTraining},
    {"rms_norm_eps", kTraining},
    {"rope_interleave", kPositions},
    {"rope_parameters", kPositions},
    {"rope_scaling", kPositions},
    {"rope_theta", kPositions},
    {"router_aux_loss_coef", kTraining},
    {"router_jitter_noise", kTraining},
    {"routed_scaling_factor", kUnused},
    {"seq_aux", kTraining},
    {"sliding_window", kUnused},
    {"task_specific_params", kSoftware},
    {"tokenizer_class", kSoftware},
    {"topk_group", kUnused},
    {"topk_method", kUnused},
    {"torch_dtype", kFormats},
    {"transformers_version", kSoftware},
    {"unsloth_fixed", kSoftware},
    {"use_cache", kSoftware},
    {"use_mrope", kUnused},
    {"use_sliding_window", kUnused},
    {"vocab_file", kSoftware},
}};

}  // namespace

std::string_view reason_to_ignore(std::string_view key) {
  for (const auto& [known, reason] : kReasons) {
    if (key == known) return reason;
  }
  return "";
}

}  // namespace moesim
