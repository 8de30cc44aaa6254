#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace moesim {

/// Ids of experts in recordings are below it.
inline constexpr int kMaxExperts = 65535;

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
  [[nodiscard]] std::span<std::int64_t> of(std::size_t step, std::size_t layer);
  bool operator==(const ExpertCounts&) const = default;
};

/// Reads a CSV of counts step by step, holding one step (docs/formats.md, "Recorded routing"). Errors are
/// SpecError with "line N" as the pointer.
class ExpertCountsCsv {
 public:
  /// `num_experts` 0: as many as the greatest id of a step says.
  explicit ExpertCountsCsv(const std::filesystem::path& path, int num_experts = 0);

  struct Step {
    std::int64_t step = 0;
    std::map<int, std::vector<std::int64_t>> layers;  ///< tokens of each expert, all of one length
  };
  /// The next step, or nothing at the end.
  std::optional<Step> next();

 private:
  struct Row {
    std::int64_t step = 0;
    int layer = 0;
    int expert = 0;
    std::int64_t tokens = 0;
  };
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const;
  bool read_line();
  void read_header();
  std::optional<Row> read_row();
  void put(const Row& row, Step& step);
  void check_layers(const Step& step);

  std::string file_;
  std::ifstream in_;
  int num_experts_;
  std::string line_;
  std::int64_t line_number_ = 0;
  std::vector<int> columns_;  // field of a row that each column gives
  std::optional<Row> ahead_;
  std::vector<int> layers_;  // of the first step
  std::optional<std::int64_t> last_step_;
};

/// Reads a whole file of counts: JSON where the name ends in .json, CSV otherwise. `num_experts` 0: as the
/// file says (CSV: the greatest id + 1). Throws SpecError with the JSON pointer or "line N".
ExpertCounts read_expert_counts(const std::filesystem::path& path, int num_experts = 0);

/// Writes `path` as a whole, in the format that its name says as above. Throws OutputError.
void write_expert_counts(const std::filesystem::path& path, const ExpertCounts& counts);

}  // namespace moesim
