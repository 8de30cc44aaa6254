#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/model_spec.hpp"

namespace moesim {

/// Reads fields of a Hugging Face config.json. Each reader throws SpecError at the field: missing, mistyped
/// or out of range. `rule` completes "FAMILY configurations give ...".
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
  /// Refuses any other text than `value`; absent or null is as good.
  void expect(const std::string& key, std::string_view value) const;

  [[noreturn]] void fail(const std::string& key, const std::string& what, const std::string& hint) const;

 private:
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t min, std::int64_t max) const;
  void require(const std::string& key, std::string_view rule) const;

  const Json& config_;
  std::string file_;
  std::string family_;
};

// One function per family; the table of families is in hugging_face.cpp.
ModelSpec read_deepseek(const HuggingFaceConfig& config);
ModelSpec read_deepseek_v2(const HuggingFaceConfig& config);
ModelSpec read_deepseek_v3(const HuggingFaceConfig& config);

/// What all DeepSeek families share: layers, widths, experts, vocabulary. Attention is left to the family.
ModelSpec read_deepseek_common(const HuggingFaceConfig& config);
/// The widths of multi-head latent attention.
MlaDims read_mla(const HuggingFaceConfig& config);

}  // namespace moesim
