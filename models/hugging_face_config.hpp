#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/model_spec.hpp"

namespace moesim {

/// Reads fields of a Hugging Face config.json. Each reader throws SpecError at the field: missing, mistyped
/// or out of range. `rule` completes "FAMILY configurations give ...". It remembers the keys it was asked
/// for.
class HuggingFaceConfig {
 public:
  HuggingFaceConfig(const Json& config, std::string file, std::string_view family)
      : config_(config), file_(std::move(file)), family_(family) {}

  [[nodiscard]] std::string_view family() const { return family_; }
  [[nodiscard]] bool has(const std::string& key) const;  ///< present and not null

  /// A positive integer.
  [[nodiscard]] std::int64_t width(const std::string& key, std::string_view rule) const;
  [[nodiscard]] int count(const std::string& key, std::string_view rule) const;
  /// A non-negative integer, or `otherwise` where the key is absent or null.
  [[nodiscard]] std::int64_t width_or(const std::string& key, std::int64_t otherwise) const;
  [[nodiscard]] int count_or(const std::string& key, int otherwise) const;
  [[nodiscard]] double number_or(const std::string& key, double otherwise) const;
  [[nodiscard]] bool flag_or(const std::string& key, bool otherwise) const;
  [[nodiscard]] std::string text_or(const std::string& key, std::string_view otherwise) const;
  /// Non-negative integers; none where the key is absent or null.
  [[nodiscard]] std::vector<std::int64_t> list_or_empty(const std::string& key) const;
  /// Refuses any other text than `value`; absent or null is as good.
  void expect(const std::string& key, std::string_view value) const;
  /// Refuses true; absent or null is false.
  void refuse_flag(const std::string& key, std::string_view why) const;
  /// Refuses the key, which speaks of `what`, against the family's `rule`; null is as good as absent.
  void refuse_key(const std::string& key, std::string_view what, std::string_view rule) const;

  [[noreturn]] void fail(const std::string& key, const std::string& what, const std::string& hint) const;

  /// The keys that any of the above was called with.
  [[nodiscard]] const std::set<std::string>& keys_asked_for() const { return asked_for_; }

 private:
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t min, std::int64_t max) const;
  void require(const std::string& key, std::string_view rule) const;

  const Json& config_;
  std::string file_;
  std::string family_;
  mutable std::set<std::string> asked_for_;
};

// One function per family; the table of families is in hugging_face.cpp.
ModelSpec read_deepseek(const HuggingFaceConfig& config);
ModelSpec read_deepseek_v2(const HuggingFaceConfig& config);
ModelSpec read_deepseek_v3(const HuggingFaceConfig& config);
ModelSpec read_kimi_k2(const HuggingFaceConfig& config);
ModelSpec read_llama(const HuggingFaceConfig& config);
ModelSpec read_mixtral(const HuggingFaceConfig& config);
ModelSpec read_qwen2(const HuggingFaceConfig& config);
ModelSpec read_qwen2_moe(const HuggingFaceConfig& config);
ModelSpec read_qwen3(const HuggingFaceConfig& config);
ModelSpec read_qwen3_moe(const HuggingFaceConfig& config);

/// What all families share: layers, heads, residual width, vocabulary.
ModelSpec read_decoder(const HuggingFaceConfig& config);
/// Heads of grouped-query attention. `default_kv_heads` where num_key_value_heads is absent; 0: it is
/// required.
void read_grouped_query(const HuggingFaceConfig& config, ModelSpec& m, int default_kv_heads = 0);
/// A model whose layers are all dense.
void read_dense_layers(const HuggingFaceConfig& config, ModelSpec& m);
/// What all DeepSeek families share beside that: experts, dense layers. Attention is left to the family.
ModelSpec read_deepseek_common(const HuggingFaceConfig& config);
/// Dense layers and experts as Qwen's mixtures of experts give them.
void read_qwen_experts(const HuggingFaceConfig& config, ModelSpec& m);
/// Refuses sliding-window attention as Qwen's families give it.
void expect_no_sliding_window(const HuggingFaceConfig& config, const ModelSpec& m);
/// Everything but the feed-forward parts of Qwen3's families.
ModelSpec read_qwen3_attention(const HuggingFaceConfig& config);
/// The widths of multi-head latent attention.
MlaDims read_mla(const HuggingFaceConfig& config);

}  // namespace moesim
