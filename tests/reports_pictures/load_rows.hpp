#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "reports/pictures/load_survey.hpp"

namespace moesim::pictures::test {

/// Load rows in memory.
class LoadRowsInMemory {
 public:
  LoadRowsInMemory& add(std::int64_t step, std::int16_t layer, std::vector<std::uint32_t> tokens) {
    rows_.push_back({step, layer, std::move(tokens)});
    return *this;
  }
  /// Valid as long as this object.
  [[nodiscard]] ReadLoads reader() const {
    return [this](std::int64_t first, std::int64_t last, const std::function<void(const LoadRow&)>& visit) {
      for (const Row& row : rows_) {
        if (row.step >= first && row.step <= last) visit({row.step, row.layer, row.tokens});
      }
    };
  }

 private:
  struct Row {
    std::int64_t step;
    std::int16_t layer;
    std::vector<std::uint32_t> tokens;
  };
  std::vector<Row> rows_;
};

}  // namespace moesim::pictures::test
