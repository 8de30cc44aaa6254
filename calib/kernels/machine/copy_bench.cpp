#include <algorithm>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/machine/copy_kernels.hpp"
#include "calib/kernels/machine/machine_benches.hpp"
#include "calib/kernels/machine/tile_map.hpp"

namespace moesim {

namespace {

enum class CopyKind { read, write, copy, memcpy, l2_read };

constexpr int kL2Passes = 16;
constexpr std::size_t kCheckedTiles = 64;
constexpr std::size_t kWordsOfTile = kTileVectors * 4;

CopyKind kind_of(const std::string& name) {
  if (name == "read") return CopyKind::read;
  if (name == "write") return CopyKind::write;
  if (name == "copy") return CopyKind::copy;
  if (name == "memcpy") return CopyKind::memcpy;
  if (name == "l2_read") return CopyKind::l2_read;
  throw RunError("no way to move memory is called " + name);
}

class CopyBench : public Bench {
 public:
  CopyBench(CopyKind kind, double bytes, double l2_bytes, std::uint32_t seed)
      : kind_(kind), seed_(seed), num_vectors_(static_cast<std::size_t>(bytes) / 16), l2_bytes_(l2_bytes) {
    if (reads()) {
      in_ = DeviceBuffer<uint4>(num_vectors_);
      launch_write(in_.data(), num_vectors_, seed_, nullptr);
    }
    if (writes()) out_ = DeviceBuffer<uint4>(num_vectors_);
    if (folds()) folds_ = DeviceBuffer<std::uint32_t>(num_tiles(num_vectors_));
  }

  [[nodiscard]] Work work() const override {
    if (kind_ == CopyKind::l2_read) return {};
    const double bytes = 16.0 * static_cast<double>(num_vectors_);
    // What is written may stay in L2.
    return {0, (reads() ? bytes : 0) + (writes() ? std::max(0.0, bytes - l2_bytes_) : 0), 0};
  }
  [[nodiscard]] std::string kernel() const override {
    return kind_ == CopyKind::memcpy ? "cudaMemcpyAsync" : "";
  }
  [[nodiscard]] int calls_per_launch() const override { return kind_ == CopyKind::l2_read ? kL2Passes : 1; }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    switch (kind_) {
      case CopyKind::read:
        return launch_read(in_.data(), num_vectors_, folds_.data(), stream);
      case CopyKind::write:
        return launch_write(out_.data(), num_vectors_, seed_, stream);
      case CopyKind::copy:
        return launch_copy(in_.data(), out_.data(), num_vectors_, stream);
      case CopyKind::memcpy:
        return moesim::check(
            cudaMemcpyAsync(out_.data(), in_.data(), out_.bytes(), cudaMemcpyDeviceToDevice, stream));
      case CopyKind::l2_read:
        return launch_l2_read(in_.data(), num_vectors_, kL2Passes, folds_.data(), stream);
    }
  }

  CheckResult check() override {
    out_.poison();
    folds_.poison();
    launch(0, nullptr);
    moesim::check(cudaDeviceSynchronize());
    std::vector<double> found;
    std::vector<double> expected;
    const std::size_t tiles = num_tiles(num_vectors_);
    const std::size_t checked = std::min(tiles, kCheckedTiles);
    for (std::size_t i = 0; i < checked; ++i) {
      const std::size_t tile =
          checked == 1 ? 0 : i * (tiles - 1) / (checked - 1);  // first and last among them
      folds() ? compare_fold(tile, tiles, found, expected) : compare_words(tile, found, expected);
    }
    return {relative_difference(found, expected), 0, "the words written, 64 tiles"};
  }

 private:
  [[nodiscard]] bool reads() const { return kind_ != CopyKind::write; }
  [[nodiscard]] bool folds() const { return kind_ == CopyKind::read || kind_ == CopyKind::l2_read; }
  [[nodiscard]] bool writes() const { return !folds(); }

  [[nodiscard]] std::size_t words_of(std::size_t tile) const {
    return std::min(kWordsOfTile, num_vectors_ * 4 - tile * kWordsOfTile);
  }
  void compare_words(std::size_t tile, std::vector<double>& found, std::vector<double>& expected) const {
    std::vector<std::uint32_t> words(words_of(tile));
    moesim::check(cudaMemcpy(words.data(), out_.data() + tile * kTileVectors, words.size() * 4,
                             cudaMemcpyDeviceToHost));
    for (std::size_t i = 0; i < words.size(); ++i) {
      found.push_back(words[i]);
      expected.push_back(pattern_word(tile * kWordsOfTile + i, seed_));
    }
  }
  [[nodiscard]] std::uint32_t fold_of(std::size_t tile) const {
    std::uint32_t fold = 0;
    for (std::size_t i = 0; i < words_of(tile); ++i) fold ^= pattern_word(tile * kWordsOfTile + i, seed_);
    return fold;
  }
  void compare_fold(std::size_t block, std::size_t tiles, std::vector<double>& found,
                    std::vector<double>& expected) const {
    std::uint32_t value = 0;
    moesim::check(cudaMemcpy(&value, folds_.data() + block, 4, cudaMemcpyDeviceToHost));
    std::uint32_t all = 0;
    for (int pass = 0; pass < calls_per_launch(); ++pass) all ^= fold_of(pass_tile(block, pass, tiles));
    found.push_back(value);
    expected.push_back(all);
  }

  CopyKind kind_;
  std::uint32_t seed_;
  std::size_t num_vectors_;
  double l2_bytes_;
  DeviceBuffer<uint4> in_;
  DeviceBuffer<uint4> out_;
  DeviceBuffer<std::uint32_t> folds_;
};

/// Launches without a gap of the host's making in a graph, as fast as the host issues them without one.
class LaunchBench : public Bench {
 public:
  [[nodiscard]] Work work() const override { return {}; }
  CheckResult check() override {
    launch_nothing(1, nullptr);
    moesim::check(cudaDeviceSynchronize());
    return {0, 0, "nothing: it has no output"};
  }
  void launch(int /*input_set*/, cudaStream_t stream) override { launch_nothing(kLaunches, stream); }
  [[nodiscard]] int calls_per_launch() const override { return kLaunches; }
  [[nodiscard]] bool flushes_l2() const override { return false; }

 private:
  static constexpr int kLaunches = 100;
};

}  // namespace

std::unique_ptr<Bench> make_copy_bench(const MeasuredCase& point, const DeviceFacts& device,
                                       std::uint64_t seed) {
  return std::make_unique<CopyBench>(kind_of(point.name), point.axis("bytes"), device.l2_bytes,
                                     static_cast<std::uint32_t>(seed));
}

std::unique_ptr<Bench> make_launch_bench() {
  return std::make_unique<LaunchBench>();
}

}  // namespace moesim
