#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gui/models/load_history.hpp"
#include "reports/pictures/load_cube.hpp"

namespace moesim::gui::test {

/// A row of a load stream, written out.
struct Row {
  std::int64_t step;
  std::int16_t layer;
  std::vector<std::uint32_t> tokens;
};

inline HistoryPtr historyOf(const std::vector<Row>& rows) {
  const pictures::ReadLoads read = [&rows](std::int64_t first, std::int64_t last, const auto& visit) {
    for (const Row& row : rows)
      if (row.step >= first && row.step <= last) visit(LoadRow{row.step, row.layer, row.tokens});
  };
  return std::make_shared<const LoadHistory>(std::make_shared<const pictures::LoadCube>(read));
}

}  // namespace moesim::gui::test
