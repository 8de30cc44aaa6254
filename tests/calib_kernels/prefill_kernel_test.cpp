// The prefill kernels as they are, on emulated threads, against attention and its gradients in FP64.

#define MOESIM_EMULATED_INSTRUCTIONS "tests/calib_kernels/fibers/instructions.hpp"
#include "calib/kernels/mla_prefill/prefill_forward_kernel.cuh"
#include "calib/kernels/mla_prefill/prefill_key_value_gradient_kernel.cuh"
#include "calib/kernels/mla_prefill/prefill_query_gradient_kernel.cuh"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.hpp"

namespace moesim {
namespace {

using Rows = std::vector<__nv_bfloat16>;

double number(__nv_bfloat16 x) {
  return static_cast<double>(__bfloat162float(x));
}

/// Inputs and outputs of a call, the outputs NaN.
struct Prompt {
  Prompt(int length, int heads, std::uint64_t seed) : random(seed, stream_of("prefill_kernel_test")) {
    params.length = length;
    params.heads = heads;
    params.scale = 1 / std::sqrt(192.0f);
    const auto lines = static_cast<std::size_t>(length * heads);
    params.query = fill(query, lines * kPrefillKeyDim);
    params.key = fill(key, lines * kPrefillKeyDim);
    params.value = fill(value, lines * kPrefillValueDim);
    params.out_gradient = fill(out_gradient, lines * kPrefillValueDim);
    params.out = poison(out, lines * kPrefillValueDim);
    params.query_gradient = poison(query_gradient, lines * kPrefillKeyDim);
    params.key_gradient = poison(key_gradient, lines * kPrefillKeyDim);
    params.value_gradient = poison(value_gradient, lines * kPrefillValueDim);
    lse.assign(lines, NAN);
    delta.assign(lines, NAN);
    params.lse = lse.data();
    params.delta = delta.data();
  }
  const __nv_bfloat16* fill(Rows& rows, std::size_t count) {
    rows.resize(count);
    for (auto& x : rows) x = __float2bfloat16(static_cast<float>(random.normal()));
    return rows.data();
  }
  static __nv_bfloat16* poison(Rows& rows, std::size_t count) {
    rows.assign(count, __float2bfloat16(NAN));
    return rows.data();
  }
  [[nodiscard]] std::size_t line(int token, int head) const {
    return static_cast<std::size_t>(token * params.heads + head);
  }

  RandomStream random;
  PrefillParams params;
  Rows query, key, value, out_gradient, out, query_gradient, key_gradient, value_gradient;
  std::vector<float> lse, delta;
};

double dot(const Rows& x, std::size_t line_x, const Rows& y, std::size_t line_y, std::size_t columns) {
  double sum = 0;
  for (std::size_t i = 0; i < columns; ++i)
    sum += number(x[line_x * columns + i]) * number(y[line_y * columns + i]);
  return sum;
}

struct Expected {
  std::vector<double> out, lse, query_gradient, key_gradient, value_gradient;
};

/// Adds factor times row `from` of `rows` to row `to` of `sums`.
void add(std::vector<double>& sums, std::size_t to, double factor, const Rows& rows, std::size_t from,
         std::size_t columns) {
  for (std::size_t i = 0; i < columns; ++i)
    sums[to * columns + i] += factor * number(rows[from * columns + i]);
}

void add_query(const Prompt& p, int head, int token, Expected& e) {
  const std::size_t q = p.line(token, head);
  std::vector<double> weights;
  double sum = 0;
  for (int k = 0; k <= token; ++k) {
    weights.push_back(std::exp(dot(p.query, q, p.key, p.line(k, head), kPrefillKeyDim) *
                               static_cast<double>(p.params.scale)));
    sum += weights.back();
  }
  e.lse[static_cast<std::size_t>(head * p.params.length + token)] = std::log(sum);
  // Gradients are a function of the output as it was given.
  const double delta = dot(p.out, q, p.out_gradient, q, kPrefillValueDim);
  for (int k = 0; k <= token; ++k) {
    weights[static_cast<std::size_t>(k)] /= sum;
    add(e.out, q, weights[static_cast<std::size_t>(k)], p.value, p.line(k, head), kPrefillValueDim);
  }
  for (int k = 0; k <= token; ++k) {
    const std::size_t at = p.line(k, head);
    const double weight = weights[static_cast<std::size_t>(k)];
    const double score_gradient = static_cast<double>(p.params.scale) * weight *
                                  (dot(p.out_gradient, q, p.value, at, kPrefillValueDim) - delta);
    add(e.value_gradient, at, weight, p.out_gradient, q, kPrefillValueDim);
    add(e.query_gradient, q, score_gradient, p.key, at, kPrefillKeyDim);
    add(e.key_gradient, at, score_gradient, p.query, q, kPrefillKeyDim);
  }
}

Expected expect_of(const Prompt& p) {
  Expected e;
  e.out.assign(p.out.size(), 0);
  e.lse.assign(p.lse.size(), 0);
  e.query_gradient.assign(p.query.size(), 0);
  e.key_gradient.assign(p.key.size(), 0);
  e.value_gradient.assign(p.value.size(), 0);
  for (int head = 0; head < p.params.heads; ++head)
    for (int token = 0; token < p.params.length; ++token) add_query(p, head, token, e);
  return e;
}

/// 1 - 2 <x, y> / (|x|^2 + |y|^2).
double difference(const Rows& found, const std::vector<double>& expected) {
  double product = 0, squares = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    product += number(found[i]) * expected[i];
    squares += number(found[i]) * number(found[i]) + expected[i] * expected[i];
  }
  return 1 - 2 * product / squares;
}

template <class Kernel>
void run(int heads, int num_blocks, int num_threads, std::size_t shared_bytes, Kernel kernel) {
  fibers::block_threads = num_threads;
  std::uint64_t seed = 1;  // of the order in which warps run
  for (int y = 0; y < num_blocks; ++y) {
    for (int x = 0; x < heads; ++x) {
      fibers::Block block(num_threads, static_cast<int>(shared_bytes), 128, seed++);
      block.run({static_cast<unsigned>(x), static_cast<unsigned>(y), 0},
                {static_cast<unsigned>(heads), static_cast<unsigned>(num_blocks), 1}, kernel);
    }
  }
}

int blocks_of(int length, int rows) {
  return (length + rows - 1) / rows;
}

class PrefillKernel : public testing::TestWithParam<int> {};

// Lengths of one token, of few (score gradients are small differences), within a tile, at its edge, and over
// several tiles with a ragged end.
TEST_P(PrefillKernel, AgreesForwardAndBackward) {
  const int length = GetParam();
  Prompt p(length, 2, static_cast<std::uint64_t>(length));
  run(2, blocks_of(length, prefill_forward::kQueries), prefill_forward::kThreads,
      sizeof(prefill_forward::Shared), [&] { prefill_forward::prefill_forward_kernel(p.params); });
  const Expected expected = expect_of(p);
  EXPECT_LT(difference(p.out, expected.out), 1e-5);
  for (std::size_t i = 0; i < p.lse.size(); ++i)
    ASSERT_NEAR(static_cast<double>(p.lse[i]), expected.lse[i], 1e-4);

  for (int head = 0; head < 2; ++head)
    for (int token = 0; token < length; ++token)
      p.delta[static_cast<std::size_t>(head * length + token)] = static_cast<float>(
          dot(p.out, p.line(token, head), p.out_gradient, p.line(token, head), kPrefillValueDim));
  run(2, blocks_of(length, prefill_key_value_gradient::kKeys), prefill_key_value_gradient::kThreads,
      sizeof(prefill_key_value_gradient::Shared),
      [&] { prefill_key_value_gradient::prefill_key_value_gradient_kernel(p.params); });
  run(2, blocks_of(length, prefill_query_gradient::kQueries), prefill_query_gradient::kThreads,
      sizeof(prefill_query_gradient::Shared),
      [&] { prefill_query_gradient::prefill_query_gradient_kernel(p.params); });
  EXPECT_LT(difference(p.value_gradient, expected.value_gradient), 1e-5);
  if (length == 1) return;  // the score of one token has no gradient
  EXPECT_LT(difference(p.key_gradient, expected.key_gradient), 1e-5);
  EXPECT_LT(difference(p.query_gradient, expected.query_gradient), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Lengths, PrefillKernel, testing::Values(1, 2, 5, 31, 64, 130, 200));

}  // namespace
}  // namespace moesim
