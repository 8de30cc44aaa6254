#pragma once

#include <cstddef>
#include <memory>

#include "sim/routing/simd/gate_kernel.hpp"

namespace moesim {

/// `count` experts rounded up to whole rows of kGateLanes.
constexpr std::size_t padded_to_rows(std::size_t count) {
  return (count + kGateLanes - 1) / kGateLanes * kGateLanes;
}

/// What one call of a kernel needs beside input and output: the scratch and the padded biases.
class GateMemory {
 public:
  GateMemory(int num_experts, int num_groups, int top_k);

  [[nodiscard]] const GateScratch& scratch() const { return scratch_; }
  [[nodiscard]] float* bias() const { return bias_; }

 private:
  /// Where the parts lie; without memory it only measures. Returns the bytes.
  std::size_t lay_out(std::byte* base, int num_experts, int num_groups, int top_k);

  struct Free {
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte[], Free> bytes_;
  GateScratch scratch_;
  float* bias_ = nullptr;
};

}  // namespace moesim
