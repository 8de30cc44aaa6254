#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/operators.hpp"

namespace moesim {

/// A linear layer of `groups` matrices [n, k] over `rows` rows in all; row counts may be fractional means.
struct Linear {
  std::string_view name;
  double rows = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t groups = 1;
};

/// Builds the operators of one pass. Widths are elements per row.
class OperatorList {
 public:
  OperatorList(Component component, NumberFormat format, NumberFormat gradient_format)
      : component_(component), format_(format), gradient_format_(gradient_format) {}

  [[nodiscard]] bool fp8() const { return is_fp8(format_); }
  /// Whether attention outputs are kept in E5M6, as DeepSeek-V3 does.
  [[nodiscard]] bool keeps_e5m6() const { return format_ == NumberFormat::fp8; }
  void set_component(Component component) { component_ = component; }
  /// Operators added while set are forward operators repeated in a backward pass.
  void set_recomputed(bool recomputed) { recomputed_ = recomputed; }

  /// y[rows, n] = x[rows, k] w[n, k]^T; BF16 out.
  void forward(const Linear& linear);
  /// dx[rows, k] = dy[rows, n] w[n, k]; BF16 out.
  void input_gradient(const Linear& linear);
  /// dw[n, k] += dy[rows, n]^T x[rows, k]; reads and writes the main gradient.
  void weight_gradient(const Linear& linear);
  /// The same in BF16 whatever the format of the others is: gate, embedding, head.
  void forward_bf16(const Linear& linear, NumberFormat output = NumberFormat::bf16);
  void input_gradient_bf16(const Linear& linear);
  void weight_gradient_bf16(const Linear& linear);

  /// The core of `sequences` sequences; sizes from `core`, which has kind, names and bytes filled in here.
  void attention(Operator core, double flops, double model_flops, double bytes_read, double bytes_written);
  /// A kernel of `read` and `written` bytes in all.
  void small(std::string name, double read, double written, int count = 1);
  /// BF16 in, BF16 out.
  void elementwise(std::string name, double rows, double width_read, double width_written);

  // Casts of FP8 training and serving; nothing in other formats.
  /// BF16 -> FP8 in 1x128 tiles, the input of a GEMM.
  void quantise(std::string_view where, double rows, double width);
  /// FP8 -> BF16.
  void dequantise(std::string_view where, double rows, double width);
  /// -> FP8 in 128x1 tiles, transposed: an operand of a weight gradient. `element` = bytes read per element.
  void cast_transpose(std::string_view where, double rows, double width, double element = 2);
  /// An FP8 matrix into the layout the other direction of its GEMM needs; MXFP8 keeps a copy of both, as its
  /// scales run along the reduced dimension.
  void transpose_weight(std::string_view where, std::int64_t n, std::int64_t k, std::int64_t groups = 1);

  [[nodiscard]] std::vector<Operator> take() { return std::move(operators_); }

 private:
  Operator base(std::string name, OperatorRole role) const;
  void gemm(const Linear& linear, OperatorRole role, NumberFormat format, NumberFormat output);

  Component component_;
  NumberFormat format_;
  NumberFormat gradient_format_;
  bool recomputed_ = false;
  std::vector<Operator> operators_;
};

/// Bytes of an FP8 element with one FP32 scale per 128 elements, or with one of a byte per 32.
inline constexpr double kFp8Element = 1.0 + 4.0 / 128.0;
/// Bytes of an element in E5M6, 12 bits and one FP32 scale per 128 elements (DeepSeek-V3 report, 3.3.3).
inline constexpr double kE5m6Element = 1.5 + 4.0 / 128.0;
inline constexpr double kBf16Element = 2.0;
inline constexpr double kFp32Element = 4.0;

// The parts of layer_operators.
void append_gate(OperatorList& list, const ModelSpec& spec, Pass pass, const OperatorContext& context);
void append_dense_ffn(OperatorList& list, const ModelSpec& spec, Pass pass, const OperatorContext& context);
void append_experts(OperatorList& list, const ModelSpec& spec, Pass pass, const OperatorContext& context);

}  // namespace moesim
