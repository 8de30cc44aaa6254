#include "calib/kernels/gemm/fastest.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "calib/kernels/cuda_error.hpp"

namespace moesim {

namespace {

constexpr int kGraphLaunches = 10;
constexpr double kLongLaunch = 300e-6;  // seconds; above it the gap between launches no longer counts

class Event {
 public:
  Event() { check(cudaEventCreate(&event_)); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void record(cudaStream_t stream) { check(cudaEventRecord(event_, stream)); }
  [[nodiscard]] cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

double seconds_of(const Launch& launch, cudaStream_t stream) {
  Event begin, end;
  begin.record(stream);
  launch(stream);
  end.record(stream);
  check(cudaEventSynchronize(end.get()));
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()));
  return milliseconds * 1e-3;
}

struct DestroyGraph {
  void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
  void operator()(cudaGraphExec_t graph) const { cudaGraphExecDestroy(graph); }
};
using Graph = std::unique_ptr<CUgraph_st, DestroyGraph>;
using GraphExec = std::unique_ptr<CUgraphExec_st, DestroyGraph>;

GraphExec capture(const Launch& launch, int count, cudaStream_t stream) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  cudaGraph_t captured = nullptr;
  try {
    for (int i = 0; i < count; ++i) launch(stream);
  } catch (...) {
    cudaStreamEndCapture(stream, &captured);
    if (captured != nullptr) cudaGraphDestroy(captured);
    throw;
  }
  check(cudaStreamEndCapture(stream, &captured));
  const Graph graph(captured);
  cudaGraphExec_t instance = nullptr;
  check(cudaGraphInstantiate(&instance, captured, 0));
  return GraphExec(instance);
}

}  // namespace

void forget_last_error() {
  (void)cudaGetLastError();
}

Launch captured(const Launch& launch, int count, cudaStream_t stream) {
  const std::shared_ptr<CUgraphExec_st> graph = capture(launch, count, stream);
  return [graph](cudaStream_t on) { check(cudaGraphLaunch(graph.get(), on)); };
}

bool can_capture(const Launch& launch, cudaStream_t stream) {
  launch(stream);  // loads the kernels, which a capture may refuse
  check(cudaStreamSynchronize(stream));
  try {
    captured(launch, 1, stream);
    return true;
  } catch (const CudaError&) {
    forget_last_error();
    return false;
  }
}

double quick_seconds(const Launch& launch, cudaStream_t stream) {
  launch(stream);  // loads the kernel
  const double first = seconds_of(launch, stream);
  if (first > kLongLaunch) return std::min(first, seconds_of(launch, stream));
  const Launch replay = captured(launch, kGraphLaunches, stream);
  replay(stream);
  return std::min(seconds_of(replay, stream), seconds_of(replay, stream)) / kGraphLaunches;
}

std::size_t fastest(std::span<const Launch> launches, cudaStream_t stream) {
  std::optional<CudaError> failure;
  std::size_t best = launches.size();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < launches.size(); ++i) {
    try {
      const double seconds = quick_seconds(launches[i], stream);
      if (seconds < least) least = seconds, best = i;
    } catch (const CudaError& error) {
      failure = error;
      forget_last_error();
    }
  }
  if (best < launches.size()) return best;
  if (failure) throw *failure;
  throw RunError("fastest: nothing to choose from");
}

}  // namespace moesim
