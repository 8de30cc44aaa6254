#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

/// Reads a CSV of counts step by step, holding one step (docs/formats.md, "Recorded routing"). Errors are
/// SpecError with "line N" as the pointer.
class ExpertCountsCsv {
 public:
  /// Reads the header. `num_experts` 0: as many as the greatest id of a step says.
  explicit ExpertCountsCsv(const std::filesystem::path& path, int num_experts = 0);

  struct Step {
    std::int64_t step = 0;                            ///< 0 without a column of steps
    std::map<int, std::vector<std::int64_t>> layers;  ///< tokens of each expert, all of one length
  };
  /// The next step, or nothing at the end.
  std::optional<Step> next();

 private:
  struct Row {
    std::int64_t step = 0;
    std::int64_t layer = 0;
    std::int64_t expert = 0;
    std::int64_t tokens = 0;
  };
  struct Column {
    std::string_view name;
    std::int64_t Row::*value;
    std::int64_t max;
  };
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const;
  bool read_line();
  void read_header();
  std::optional<Row> read_row();
  [[nodiscard]] std::int64_t number(std::string_view text, const Column& column) const;
  void put(const Row& row, Step& step);
  void finish(Step& step);

  static const std::vector<Column>& all_columns();

  std::string file_;
  std::ifstream in_;
  int num_experts_;
  std::string line_;
  std::int64_t line_number_ = 0;
  std::vector<const Column*> columns_;  // of the file, in its order
  std::optional<Row> ahead_;
  std::size_t cells_ = 0;    // of the step
  std::vector<int> layers_;  // of the first step
};

}  // namespace moesim
