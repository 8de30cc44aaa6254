#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace moesim {

/// Ids of experts in recordings are below it.
inline constexpr int kMaxExperts = 65535;
/// Greatest number of a layer.
inline constexpr int kMaxLayer = 65535;

/// Tokens that each expert got, by step and layer.
struct ExpertCounts {
  std::string model;                 ///< or empty
  int num_experts = 0;               ///< of every layer
  std::vector<int> layers;           ///< as numbered in the model, ascending
  std::vector<std::int64_t> steps;   ///< ascending; {0} where the recording has none
  std::vector<std::int64_t> tokens;  ///< [steps, layers, experts]

  [[nodiscard]] std::size_t num_layers() const { return layers.size(); }
  /// [num_experts]
  [[nodiscard]] std::span<const std::int64_t> of(std::size_t step, std::size_t layer) const;
  std::span<std::int64_t> of(std::size_t step, std::size_t layer);
  bool operator==(const ExpertCounts&) const = default;
};

/// Reads a whole file of counts: JSON where the name ends in .json, CSV otherwise. `num_experts` 0: as the
/// file says (CSV: the greatest id + 1). Throws SpecError with the JSON pointer or "line N".
ExpertCounts read_expert_counts(const std::filesystem::path& path, int num_experts = 0);

/// Writes `path` as a whole, in the format that its name says as above. Throws OutputError.
void write_expert_counts(const std::filesystem::path& path, const ExpertCounts& counts);

}  // namespace moesim
