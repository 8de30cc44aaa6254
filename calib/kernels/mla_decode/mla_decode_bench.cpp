#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "calib/kernels/attention/worst_difference.hpp"
#include "calib/kernels/bench.hpp"
#include "calib/kernels/mla_decode/decode_inputs.hpp"
#include "calib/kernels/mla_decode/decode_kernels.hpp"
#include "calib/kernels/mla_decode/decode_wgmma.hpp"
#include "calib/kernels/nan_count.hpp"

namespace moesim {
namespace {

constexpr double kSharedBytes = 219.0 * 1024;  // of a block of either kernel
constexpr double kTwoSetsBelow = 512e6;        // bytes of memory that two sets take
constexpr std::size_t kNumSamples = 64;

/// Blocks of threads that share the work of one tile of rows.
int num_parts_for(const DecodeShape& shape, const DeviceFacts& device) {
  return std::clamp(device.num_sms / shape.row_tiles(), 1, kMostDecodeParts);
}

class DecodeBench : public Bench {
 public:
  DecodeBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : wgmma_(point.name == "wgmma"), seed_(seed), decode_(read_decode_case(point, seed)) {
    const SplitSchedule schedule =
        make_split_schedule(decode_.lengths, num_parts_for(decode_.shape, device), decode_.shape.rows());
    const auto rows = static_cast<std::size_t>(decode_.shape.rows());
    const std::size_t lines = rows * static_cast<std::size_t>(decode_.shape.batch);
    const std::size_t partial_lines = rows * static_cast<std::size_t>(schedule.num_slots());
    num_parts_ = static_cast<int>(schedule.parts.size());
    num_split_ = static_cast<int>(schedule.split_sequences.size());
    parts_ = DeviceBuffer<DecodePart>(schedule.parts);
    first_slot_ = DeviceBuffer<int>(schedule.first_slot);
    split_sequences_ = DeviceBuffer<int>(schedule.split_sequences);
    out_ = DeviceBuffer<__nv_bfloat16>(lines * kDecodeValueDim);
    lse_ = DeviceBuffer<float>(lines);
    partial_out_ = DeviceBuffer<float>(partial_lines * kDecodeValueDim);
    partial_lse_ = DeviceBuffer<float>(partial_lines);
    const int num_sets = memory_of(decode_, num_parts_, 2) < kTwoSetsBelow ? 2 : 1;
    for (int i = 0; i < num_sets; ++i) add_inputs(static_cast<std::uint64_t>(i));
  }

  [[nodiscard]] Work work() const override { return work_of(decode_); }
  [[nodiscard]] int num_input_sets() const override { return static_cast<int>(inputs_.size()); }

  void launch(int input_set, cudaStream_t stream) override {
    const auto set = static_cast<std::size_t>(input_set);
    if (wgmma_) {
      launch_decode_wgmma(params_[set], maps_[set], num_parts_, stream);
    } else {
      launch_decode_mma(params_[set], num_parts_, stream);
    }
    launch_decode_combine(params_[set], split_sequences_.data(), num_split_, stream);
  }

  CheckResult check() override {
    out_.poison();
    lse_.poison();
    partial_out_.poison();
    partial_lse_.poison();
    launch(0, nullptr);
    const auto samples = sample_rows();
    const DecodeReference reference = reference_decode(params_[0], samples, decode_.longest);
    std::vector<double> out;
    std::vector<double> lse;
    for (const SampledRow& at : samples) append_output(at, out, lse);
    // A row that sees no token has the same -inf on both sides.
    std::vector<double> expected = reference.lse;
    for (std::size_t i = 0; i < lse.size(); ++i) {
      if (lse[i] == expected[i]) lse[i] = expected[i] = 0;
    }
    const double untouched = has_nan(out_) || has_nan(lse_) ? std::nan("") : 0.0;
    return {worst_difference(
                {relative_difference(out, reference.out), relative_difference(lse, expected), untouched}),
            1e-5, "FP64, " + std::to_string(samples.size()) + " rows and their log-sum-exp, no NaN anywhere"};
  }

 private:
  void add_inputs(std::uint64_t index) {
    inputs_.push_back(std::make_unique<DecodeInputs>(decode_, seed_ + index));
    DecodeParams params;
    params.shape = decode_.shape;
    params.parts = parts_.data();
    params.first_slot = first_slot_.data();
    params.scale = 1 / std::sqrt(192.0f);  // of the head before absorption: 128 + 64
    params.out = out_.data();
    params.lse = lse_.data();
    params.partial_out = partial_out_.data();
    params.partial_lse = partial_lse_.data();
    inputs_.back()->give_to(params);
    params_.push_back(params);
    if (wgmma_) maps_.push_back(make_decode_tensor_maps(params, inputs_.back()->num_pages()));
  }

  /// The first and last rows, others at random.
  std::vector<SampledRow> sample_rows() const {
    const DecodeShape& shape = decode_.shape;
    std::vector<SampledRow> samples{
        {0, 0}, {0, shape.rows() - 1}, {shape.batch - 1, 0}, {shape.batch - 1, shape.rows() - 1}};
    RandomStream random(seed_, stream_of("decode_samples"));
    while (samples.size() < kNumSamples) {
      const auto sequence = random.below(static_cast<std::uint64_t>(shape.batch));
      const auto row = random.below(static_cast<std::uint64_t>(shape.rows()));
      samples.push_back({static_cast<int>(sequence), static_cast<int>(row)});
    }
    return samples;
  }

  void append_output(const SampledRow& at, std::vector<double>& out, std::vector<double>& lse) const {
    const std::size_t line =
        static_cast<std::size_t>(at.sequence) * static_cast<std::size_t>(decode_.shape.rows()) +
        static_cast<std::size_t>(at.row);
    std::vector<__nv_bfloat16> row(kDecodeValueDim);
    moesim::check(cudaMemcpy(row.data(), out_.data() + line * kDecodeValueDim, row.size() * sizeof(row[0]),
                             cudaMemcpyDeviceToHost));
    float sum = 0;
    moesim::check(cudaMemcpy(&sum, lse_.data() + line, sizeof(sum), cudaMemcpyDeviceToHost));
    for (const __nv_bfloat16 value : row) out.push_back(static_cast<double>(__bfloat162float(value)));
    lse.push_back(static_cast<double>(sum));
  }

  bool wgmma_;
  std::uint64_t seed_;
  DecodeCase decode_;
  int num_parts_ = 0;
  int num_split_ = 0;
  DeviceBuffer<DecodePart> parts_;
  DeviceBuffer<int> first_slot_;
  DeviceBuffer<int> split_sequences_;
  DeviceBuffer<__nv_bfloat16> out_;
  DeviceBuffer<float> lse_;
  DeviceBuffer<float> partial_out_;
  DeviceBuffer<float> partial_lse_;
  std::vector<std::unique_ptr<DecodeInputs>> inputs_;
  std::vector<DecodeParams> params_;
  std::vector<DecodeTensorMaps> maps_;
};

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  if (point.name != "wgmma" && point.name != "mma") return "no variant '" + point.name + "': wgmma, mma";
  if (point.name == "wgmma" && device.major != 9) return "wgmma is of compute capability 9.0 alone";
  if (device.major != 9 && device.major != 10) return "built for compute capability 9.0 and 10.x";
  if (device.shared_bytes_per_block < kSharedBytes) return "needs 219 KiB of shared memory a block";
  if (point.axis("batch") < 1 || point.axis("heads") < 1 || point.axis("queries") < 1)
    return "batch, heads and queries must be positive";
  if (point.axis("length") < 0) return "length must not be negative";
  const DecodeCase decode = read_decode_case(point, 0);
  if (memory_of(decode, num_parts_for(decode.shape, device), 1) > 0.9 * device.memory_bytes)
    return "the cache does not fit into memory";
  return {};
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  return std::make_unique<DecodeBench>(point, device, seed);
}

}  // namespace

extern const BenchFamily kMlaDecodeBench;
const BenchFamily kMlaDecodeBench{
    "mla_decode", "absorbed multi-head latent attention of decode, paged BF16 cache, split over the cache",
    unsupported, make};

}  // namespace moesim
