#pragma once

#include <cstdint>
#include <vector>

#include "calib/profile/provenance_account.hpp"
#include "sim/schedule/op_graph.hpp"

namespace moesim {

/// Costs of operations as they are priced, each with the origin of its time.
class CostTable {
 public:
  /// The index of the new cost.
  std::uint32_t add(const OperationCost& cost, const ProvenanceFractions& origin) {
    costs_.push_back(cost);
    origins_.push_back(origin);
    return static_cast<std::uint32_t>(costs_.size() - 1);
  }
  [[nodiscard]] const std::vector<OperationCost>& costs() const { return costs_; }
  [[nodiscard]] const std::vector<ProvenanceFractions>& origins() const { return origins_; }

 private:
  std::vector<OperationCost> costs_;
  std::vector<ProvenanceFractions> origins_;
};

}  // namespace moesim
