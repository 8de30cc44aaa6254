#pragma once

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/own_file.hpp"

namespace moesim::test {

/// A Chrome trace in the words of the PyTorch profiler, written event by event. It is made up: no job ran it.
class ChromeText {
 public:
  /// A host operator with its inputs, e.g. "[[4096, 7168], [7168, 2112]]"; returns its id.
  int op(const std::string& name, const std::string& dims, const std::string& type = "c10::BFloat16") {
    std::string types;
    for (std::size_t at = dims.find('[', 1); at != std::string::npos; at = dims.find('[', at + 1))
      types += fmt::format("{}\"{}\"", types.empty() ? "" : ", ", type);
    add(fmt::format(R"({{"ph": "X", "cat": "cpu_op", "name": "{}", "pid": 1, "tid": 1, "ts": 0, "dur": 1,
        "args": {{"External id": {}, "Input Dims": {}, "Input type": [{}]}}}})",
                    name, ++num_ops_, dims, types));
    return num_ops_;
  }
  void kernel(const std::string& name, double ts, double dur, int op = -1, int stream = 7, int device = 0) {
    add(fmt::format(R"({{"ph": "X", "cat": "kernel", "name": "{}", "pid": {}, "tid": {}, "ts": {}, "dur": {},
        "args": {{"External id": {}, "device": {}, "stream": {}, "correlation": 1}}}})",
                    name, device, stream, ts, dur, op, device, stream));
  }
  void collective(const std::string& kernel, const std::string& name, double elements, int group, double ts,
                  double dur) {
    add(fmt::format(R"({{"ph": "X", "cat": "kernel", "name": "{}", "pid": 0, "tid": 20, "ts": {}, "dur": {},
        "args": {{"device": 0, "stream": 20, "Collective name": "{}", "In msg nelems": {},
                  "Out msg nelems": {}, "Group size": {}, "dtype": "BFloat16"}}}})",
                    kernel, ts, dur, name, elements, elements, group));
  }
  void launch(double ts, double dur) {
    add(fmt::format(R"({{"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 1, "tid": 1,
        "ts": {}, "dur": {}, "args": {{"correlation": 1}}}})",
                    ts, dur));
  }
  void step(int number, double ts, double dur) {
    add(fmt::format(R"({{"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#{}", "pid": 1, "tid": 1,
        "ts": {}, "dur": {}}})",
                    number, ts, dur));
  }
  void add(const std::string& event) { events_ += (events_.empty() ? "" : ",\n") + event; }

  [[nodiscard]] std::string text() const {
    return R"({"schemaVersion": 1, "deviceProperties": [{"id": 0, "name": "Vendor G100", "numSms": 100}],
      "traceEvents": [)" +
           events_ + "]}";
  }

 private:
  std::string events_;
  int num_ops_ = 0;
};

/// Two steps of 1 ms: a GEMM alone and one beside an all-reduce, flash attention, a small kernel.
inline ChromeText two_steps() {
  ChromeText text;
  for (int step = 0; step < 2; ++step) {
    const double t = 1000.0 * step;
    text.step(step, t, 1000);
    text.kernel("nvjet_tst_128x256", t + 10, 100 + step, text.op("aten::mm", "[[1000, 1000], [1000, 1000]]"));
    text.kernel("nvjet_tst_128x256", t + 200, 125, text.op("aten::mm", "[[1000, 1000], [1000, 1000]]"));
    text.collective("ncclDevKernel_AllReduce_Sum_bf16_RING_LL", "allreduce", 1e6, 8, t + 150, 250);
    text.kernel(
        "flash_fwd_kernel<Flash_fwd_kernel_traits>", t + 450, 50,
        text.op("aten::_flash_attention_forward", "[[2, 512, 16, 128], [2, 512, 4, 128], [2, 512, 4, 128]]"));
    text.kernel("void at::native::vectorized_elementwise_kernel<4>", t + 504, 6);
    text.launch(t, 5);
  }
  return text;
}

inline void write(const OwnFile& file, const std::string& text) {
  std::ofstream(file.path()) << text;
}

}  // namespace moesim::test
