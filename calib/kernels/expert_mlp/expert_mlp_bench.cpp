#include "calib/kernels/expert_mlp/expert_mlp_bench.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "calib/kernels/expert_mlp/mlp_kernels.hpp"
#include "calib/kernels/expert_mlp/mlp_reference.hpp"
#include "calib/kernels/fill.hpp"
#include "calib/kernels/gemm/fastest.hpp"
#include "calib/kernels/gemm/gemm_bench.hpp"
#include "calib/kernels/grouped_gemm/cublas_grouped.hpp"

namespace moesim {

namespace {

constexpr int kCheckedRows = 64;  // two of each of 32 experts
constexpr int kCheckedColumns = 64;
constexpr double kMaxSets = 3;
// Three roundings to BF16 one after another make 5e-6, quantised activations 2.3e-4.
constexpr double kBf16Tolerance = 2e-5;
constexpr double kFp8Tolerance = 1e-3;

/// Tokens as they were received: one group that all experts share. Their scales lie [tokens, hidden / 128].
GroupedLayout token_layout(NumberFormat format, int num_tokens, int hidden) {
  const GroupSide side{num_tokens, num_tokens, hidden};
  return grouped_layout({&side, 1}, is_fp8(format) ? ScaleKind::vector : ScaleKind::none);
}

/// Tokens, operands and outputs, one of each an input set. Intermediate results lie in the operands.
struct MlpSets {
  std::vector<GroupedOperand> tokens;
  std::vector<GemmSet> gate_up, down;

  MlpSets(const ExpertMlpProblem& problem, int count, std::uint64_t seed, cudaStream_t stream) {
    const NumberFormat format = problem.gate_up.format;
    const auto layout = token_layout(format, static_cast<int>(problem.rows.size()), problem.hidden);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t own = seed + 16 * static_cast<std::uint64_t>(i);
      tokens.emplace_back(format, layout, own, stream);
      gate_up.emplace_back(problem.gate_up, own + 2, stream);
      down.emplace_back(problem.down, own + 8, stream);
    }
  }
  [[nodiscard]] ReceivedTokens received(std::size_t set, int hidden) const {
    return {tokens[set].data(0), tokens[set].scales(0), hidden};
  }
};

int num_sets(const ExpertMlpProblem& problem, const DeviceFacts& device) {
  const double bytes = problem.gate_up.set_bytes() + problem.down.set_bytes();
  return static_cast<int>(std::clamp(std::ceil(2 * device.l2_bytes / bytes), 1.0, kMaxSets));
}

std::unique_ptr<GemmRunner> make_runner(const GemmProblem& problem, std::vector<GemmSet>& sets, int num_sms,
                                        cudaStream_t stream) {
  if (problem.library == GemmLibrary::cutlass) return make_cutlass_runner(problem, sets, num_sms, stream);
  return make_cublas_grouped_runner(problem, sets);
}

class ExpertMlpBench final : public Bench {
 public:
  ExpertMlpBench(ExpertMlpProblem problem, const DeviceFacts& device, std::uint64_t seed)
      : problem_(std::move(problem)),
        l2_bytes_(device.l2_bytes),
        rows_(std::span<const PackedRow>(problem_.rows)),
        sets_(problem_, num_sets(problem_, device), seed, stream_.get()),
        gate_up_(make_runner(problem_.gate_up, sets_.gate_up, device.num_sms, stream_.get())),
        down_(make_runner(problem_.down, sets_.down, device.num_sms, stream_.get())),
        capturable_(can_capture([this](cudaStream_t on) { launch(0, on); }, stream_.get())) {
    moesim::check(cudaStreamSynchronize(stream_.get()));
  }

  [[nodiscard]] Work work() const override { return problem_.work(l2_bytes_); }
  [[nodiscard]] std::string kernel() const override {
    return "gate and up: " + gate_up_->kernel() + "; down: " + down_->kernel();
  }
  [[nodiscard]] int num_input_sets() const override { return static_cast<int>(sets_.tokens.size()); }
  [[nodiscard]] bool capturable() const override { return capturable_; }
  void launch(int input_set, cudaStream_t stream) override;
  CheckResult check() override;

 private:
  [[nodiscard]] std::vector<std::size_t> checked_rows() const;
  [[nodiscard]] std::vector<std::vector<double>> by_expert(const std::vector<std::size_t>& rows,
                                                           const std::vector<double>& numbers) const;
  [[nodiscard]] std::vector<double> reference(const std::vector<std::size_t>& rows,
                                              const std::vector<int>& columns) const;

  BenchStream stream_;
  ExpertMlpProblem problem_;
  double l2_bytes_;
  DeviceBuffer<PackedRow> rows_;
  MlpSets sets_;
  std::unique_ptr<GemmRunner> gate_up_, down_;
  bool capturable_;
};

void ExpertMlpBench::launch(int input_set, cudaStream_t stream) {
  const auto set = static_cast<std::size_t>(input_set);
  const int num_rows = static_cast<int>(problem_.rows.size());
  GroupedOperand& packed = sets_.gate_up[set].m_side;
  pack_tokens(sets_.received(set, problem_.hidden), rows_.data(), num_rows, packed.elements(),
              packed.all_scales(), stream);
  gate_up_->launch(set, stream);
  GroupedOperand& activated = sets_.down[set].m_side;
  const std::byte* gate_up = sets_.gate_up[set].out.data();
  if (is_fp8(problem_.gate_up.format)) {
    swiglu_quantise(gate_up, rows_.data(), num_rows, problem_.inter, activated.elements(),
                    activated.all_scales(), stream);
  } else {
    swiglu(gate_up, rows_.data(), num_rows, problem_.inter, activated.elements(), stream);
  }
  down_->launch(set, stream);
}

/// The first and last row of each expert, thinned evenly to kCheckedRows.
std::vector<std::size_t> ExpertMlpBench::checked_rows() const {
  std::vector<std::size_t> edges;
  for (std::size_t i = 0; i < problem_.rows.size(); ++i) {
    const bool first = i == 0 || problem_.rows[i - 1].group != problem_.rows[i].group;
    const bool last = i + 1 == problem_.rows.size() || problem_.rows[i + 1].group != problem_.rows[i].group;
    if (first || last) edges.push_back(i);
  }
  const std::size_t count = std::min<std::size_t>(edges.size(), kCheckedRows);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(edges[i * edges.size() / count]);
  return chosen;
}

std::vector<double> ExpertMlpBench::reference(const std::vector<std::size_t>& rows,
                                              const std::vector<int>& columns) const {
  std::vector<MlpSample> samples;
  for (const std::size_t i : rows) {
    const PackedRow& row = problem_.rows[i];
    const auto g = static_cast<std::size_t>(row.group);
    const GroupedOperand& first = sets_.gate_up.front().n_side;
    const GroupedOperand& second = sets_.down.front().n_side;
    samples.push_back({row.token,
                       {first.data(g), first.scales(g), first.group(g)},
                       {second.data(g), second.scales(g), second.group(g)}});
  }
  return mlp_reference(sets_.received(0, problem_.hidden), samples, columns, problem_.inter, stream_.get());
}

/// Numbers of `rows`, kCheckedColumns each, by expert.
std::vector<std::vector<double>> ExpertMlpBench::by_expert(const std::vector<std::size_t>& rows,
                                                           const std::vector<double>& numbers) const {
  std::vector<std::vector<double>> experts(problem_.gate_up.sizes.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const PackedRow& row = problem_.rows[rows[i / kCheckedColumns]];
    experts[static_cast<std::size_t>(row.group)].push_back(numbers[i]);
  }
  return experts;
}

CheckResult ExpertMlpBench::check() {
  std::vector<int> columns;
  for (int i = 0; i < kCheckedColumns; ++i)
    columns.push_back(static_cast<int>(std::int64_t{i} * (problem_.hidden - 1) / (kCheckedColumns - 1)));
  const auto rows = checked_rows();
  std::vector<SamplePoint> points;
  for (const std::size_t i : rows)
    for (const int column : columns) points.push_back({static_cast<int>(problem_.rows[i].slot), column});
  const auto expected = reference(rows, columns);
  GemmSet& first = sets_.gate_up.front();
  GemmSet& second = sets_.down.front();
  for (DeviceBuffer<std::byte>* out : {&first.out, &second.out}) out->poison(stream_.get());
  launch(0, stream_.get());
  const auto got = sampled_bf16(second.out.data(), problem_.hidden, points, stream_.get());
  return {worst_difference(by_expert(rows, got), by_expert(rows, expected)),
          is_fp8(problem_.gate_up.format) ? kFp8Tolerance : kBf16Tolerance,
          "FP64 from the tokens on, " + std::to_string(points.size()) + " elements"};
}

}  // namespace

std::unique_ptr<Bench> make_expert_mlp_bench(ExpertMlpProblem problem, const DeviceFacts& device,
                                             std::uint64_t seed) {
  return std::make_unique<ExpertMlpBench>(std::move(problem), device, seed);
}

}  // namespace moesim
