#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "calib/measure/session.hpp"
#include "calib/measure/unsupported_case.hpp"

namespace moesim::test {

/// A machine whose clock goes on by what its calls take; cases behave as their names say: "wrong" fails its
/// check, "poisoned" has no number for an output, "absent" is unsupported, "broken" cannot be prepared,
/// "refused" is unsupported as that turns out, "crash" loses the device, "warp" is faster than light, "plain"
/// cannot be captured.
class FakeMeasurer : public Measurer {
 public:
  std::string unsupported(const MeasuredCase& point) override {
    return point.name == "absent" ? "needs compute capability 10.0" : "";
  }
  std::unique_ptr<PreparedCase> prepare(const MeasuredCase& point) override {
    ++num_prepared[point.id()];
    if (point.name == "refused") throw UnsupportedCase("no algorithm");
    if (point.name == "broken") throw RunError("out of memory");
    return std::make_unique<Fake>(*this, point);
  }
  Seconds now() override { return time; }
  void rest(Seconds pause) override { time += pause; }
  double power_w() override { return 500; }
  bool is_lost() override { return lost; }
  /// As a rank among others hears it: to one question another rank has something worse to say.
  RecordStatus worst_of_ranks(RecordStatus own) override {
    const bool speaks = num_asked++ == other_at;
    return speaks ? std::max(own, other_says) : own;
  }

  std::map<std::string, int> num_prepared;
  Seconds time;
  int num_asked = 0;
  int other_at = -1;  ///< the question to which another rank gives `other_says`
  RecordStatus other_says = RecordStatus::failed;
  bool lost = false;

 private:
  class Fake : public PreparedCase {
   public:
    Fake(FakeMeasurer& machine, const MeasuredCase& point) : machine_(machine), point_(point) {}
    [[nodiscard]] Work work() const override { return {1e9, 1e6, 0}; }
    [[nodiscard]] std::string kernel() const override { return ""; }
    CheckResult check() override {
      const double difference = point_.name == "wrong" ? 0.5 : point_.name == "poisoned" ? 0.0 / zero_ : 1e-6;
      return {difference, 1e-5, "FP64"};
    }
    [[nodiscard]] bool can(TimingRegime regime) const override {
      return point_.name != "plain" || regime != TimingRegime::graph;
    }
    void begin(TimingRegime /*regime*/) override {}
    Sample take() override {
      if (point_.name == "crash") {
        machine_.lost = true;
        throw RunError("an illegal memory access was encountered");
      }
      const Seconds call = point_.name == "warp" ? Seconds(1e-9) : Seconds(100e-6);
      machine_.time += Seconds(1e-3);
      return {call, 1980, 1980};
    }

   private:
    FakeMeasurer& machine_;
    MeasuredCase point_;
    double zero_ = 0;
  };
};

inline MeasuredCase gemm_case(const std::string& name, double m = 128) {
  MeasuredCase point;
  point.group = "gemm";
  point.name = name;
  point.axes = {{"m", m}, {"n", 7168}, {"k", 2048}};
  return point;
}

inline LogHeader fake_header() {
  LogHeader header;
  header.moesim_version = "0.1.0";
  header.device = {"NVIDIA H200", 132, 9, 0, 1980, 4.917e12, 150e9, 700};
  header.uuid = "GPU-00000000-0000-0000-0000-000000000001";
  header.l2_bytes = 50e6;
  header.cuda_runtime_version = 13000;
  header.seed = 1;
  header.date = "2026-11-27";
  return header;
}

inline SessionOptions fake_options() {
  SessionOptions options;
  options.seed = 1;
  options.peaks = hardware_peaks(fake_header().device);
  options.l2_bytes = 50e6;
  options.anchor = gemm_case("anchor", 4096);
  options.anchor.regimes = {TimingRegime::cold};
  return options;
}

}  // namespace moesim::test
