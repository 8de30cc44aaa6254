#include "sim/engine/simgrid/simgrid_engine.hpp"

#include <cstring>
#include <string>
#include <type_traits>

#include "sim/engine/input_check.hpp"
#include "sim/engine/rank_times.hpp"
#include "sim/engine/simgrid/child_call.hpp"
#include "sim/engine/simgrid/step_run.hpp"

namespace moesim {
namespace {

/// The bytes of `count` values of T as they lie in memory; the child is this very program.
template <class T>
void append(std::string& bytes, const T* values, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

std::string pack(const on_simgrid::StepTimes& times) {
  std::string bytes;
  append(bytes, &times.num_operations, 1);
  append(bytes, times.gpu_end_s.data(), times.gpu_end_s.size());
  append(bytes, times.spans.data(), times.spans.size());
  return bytes;
}

on_simgrid::StepTimes unpack(const std::string& bytes, std::size_t num_gpus) {
  on_simgrid::StepTimes times;
  const char* at = bytes.data();
  const auto take = [&at](void* to, std::size_t size) {
    if (size > 0) std::memcpy(to, at, size);
    at += size;
  };
  take(&times.num_operations, sizeof times.num_operations);
  times.gpu_end_s.resize(num_gpus);
  take(times.gpu_end_s.data(), num_gpus * sizeof(double));
  const auto left = static_cast<std::size_t>(bytes.data() + bytes.size() - at);
  times.spans.resize(left / sizeof(Span));
  take(times.spans.data(), left);
  return times;
}

class SimgridEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "simgrid"; }

  EngineResult run(const EngineInput& input, RecordSink& sink) override {
    check_input(input, name());
    const auto simulate = [&](const ReportProgress& report) {
      EngineInput reporting = input;
      reporting.progress = report;
      return pack(on_simgrid::StepRun(reporting).run());
    };
    const std::string bytes = call_in_child(simulate, input.progress);
    on_simgrid::StepTimes times = unpack(bytes, input.gpus.size());
    EngineResult result;
    result.gpu_end_s = std::move(times.gpu_end_s);
    result.num_operations = times.num_operations;
    complete_result(result, times.spans, input.graph->num_ranks(), sink);
    return result;
  }
};

}  // namespace

std::unique_ptr<Engine> make_simgrid_engine() {
  return std::make_unique<SimgridEngine>();
}

}  // namespace moesim
