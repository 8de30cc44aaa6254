#include "calib/kernels/timer.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "calib/kernels/rank_group.hpp"
#include "calib/kernels/timer_kernels.hpp"

namespace moesim {

namespace {

constexpr double kDisplacingFactor = 4;  // of L2
constexpr int kOverheadSamples = 20;
constexpr double kSpinSeconds = 10e-3;
constexpr double kLoadSeconds = 0.1;

}  // namespace

EventPair::EventPair() {
  check(cudaEventCreate(&begin_));
  check(cudaEventCreate(&end_));
}

EventPair::~EventPair() {
  cudaEventDestroy(begin_);
  cudaEventDestroy(end_);
}

Seconds EventPair::elapsed() const {
  check(cudaEventSynchronize(end_));
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, begin_, end_));
  return Seconds(milliseconds * 1e-3);
}

Timer::Timer(const DeviceFacts& device)
    : device_(device),
      displacing_(static_cast<std::size_t>(kDisplacingFactor * device.l2_bytes) / sizeof(uint4)),
      sink_(1) {
  displacing_.fill_bytes(0, stream_.get());
}

/// Fills L2 with clean lines. Dirty ones, as a memset leaves them, would have to be written to memory while
/// the timed call loads its own.
void Timer::displace_l2() {
  launch_read_through(displacing_.data(), displacing_.size(), sink_.data(), stream_.get());
}

bool Timer::is_alone() const {
  return device_.ranks == nullptr || device_.ranks->size() == 1;
}

/// Brings the ranks close together, within what the return of a barrier differs by, and keeps them busy while
/// their hosts issue the sample.
void Timer::wait_for_ranks() {
  if (is_alone()) return;
  stream_.wait();
  device_.ranks->barrier();
  probe_.load(kSpinSeconds, 1, stream_.get());
}

/// The last before the begin event: it starts on all ranks within a few microseconds.
void Timer::align_ranks() {
  if (!is_alone()) device_.ranks->align(stream_.get());
}

Sample Timer::sample_of(Seconds time) {
  stream_.wait();
  Sample sample{time, probe_.clock_mhz(0), probe_.clock_mhz(1)};
  if (!is_alone()) {
    RankGroup& ranks = *device_.ranks;
    sample.time = Seconds(ranks.largest(sample.time.value()));
    sample.clock_before_mhz = -ranks.largest(-sample.clock_before_mhz);
    sample.clock_after_mhz = -ranks.largest(-sample.clock_after_mhz);
  }
  return sample;
}

int Timer::next_input_set(const Bench& bench) {
  return num_cold_++ % std::max(1, bench.num_input_sets());
}

Sample Timer::cold(Bench& bench) {
  const cudaStream_t stream = stream_.get();
  const int set = next_input_set(bench);
  if (bench.flushes_l2()) displace_l2();
  bench.before_launch(set, stream);
  wait_for_ranks();
  probe_.read(0, stream);
  if (!bench.flushes_l2()) stream_.wait();
  align_ranks();
  events_.begin(stream);
  bench.launch(set, stream);
  events_.end(stream);
  probe_.read(1, stream);
  bench.after_launch(stream);
  const Sample sample = sample_of(events_.elapsed() / bench.calls_per_launch());
  bench.confirm();
  return sample;
}

void Timer::capture(Bench& bench) {
  capture([&bench](cudaStream_t stream) { bench.launch(0, stream); });
}

void Timer::capture(const std::function<void(cudaStream_t)>& launch) {
  const cudaStream_t stream = stream_.get();
  cudaGraph_t graph = nullptr;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  try {
    for (int i = 0; i < kLaunchesOfAGraph; ++i) launch(stream);
  } catch (...) {
    cudaStreamEndCapture(stream, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    (void)cudaGetLastError();
    throw;
  }
  check(cudaStreamEndCapture(stream, &graph));
  cudaGraphExec_t executable = nullptr;
  const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0);
  cudaGraphDestroy(graph);
  check(status);
  graph_.reset(executable);
  check(cudaGraphLaunch(graph_.get(), stream));
  stream_.wait();
}

Sample Timer::graph(const Bench& bench) {
  const cudaStream_t stream = stream_.get();
  wait_for_ranks();
  probe_.read(0, stream);
  align_ranks();
  events_.begin(stream);
  check(cudaGraphLaunch(graph_.get(), stream));
  events_.end(stream);
  probe_.read(1, stream);
  return sample_of(events_.elapsed() / (kLaunchesOfAGraph * bench.calls_per_launch()));
}

Sample Timer::sustained(Bench& bench) {
  const cudaStream_t stream = stream_.get();
  probe_.read(0, stream);
  events_.begin(stream);
  for (int i = 0; i < launches_in_batch_; ++i) bench.launch(i % bench.num_input_sets(), stream);
  events_.end(stream);
  probe_.read(1, stream);
  return sample_of(events_.elapsed() / (launches_in_batch_ * bench.calls_per_launch()));
}

void Timer::warm_up(Bench& bench) {
  const cudaStream_t stream = stream_.get();
  for (int set = 0; set < bench.num_input_sets(); ++set) {
    bench.before_launch(set, stream);
    events_.begin(stream);
    bench.launch(set, stream);
    events_.end(stream);
    bench.after_launch(stream);
    stream_.wait();
  }
  Seconds call = events_.elapsed();
  if (!is_alone()) call = Seconds(device_.ranks->largest(call.value()));  // equally many launches on each
  const double launches = kBatch / std::max(call, Seconds(1e-6));
  launches_in_batch_ = static_cast<int>(std::clamp(std::ceil(launches), 1.0, 5000.0));
  num_cold_ = 0;
}

Seconds Timer::median_around(const std::function<void(cudaStream_t)>& launch) {
  std::vector<double> times;
  for (int i = 0; i < kOverheadSamples; ++i) {
    displace_l2();  // the host is then ahead of the device, as with a timed call
    events_.begin(stream_.get());
    launch(stream_.get());
    events_.end(stream_.get());
    times.push_back(events_.elapsed().value());
  }
  return Seconds(summary_of(times).median);
}

Seconds Timer::event_overhead() {
  return median_around([](cudaStream_t) {});
}

Seconds Timer::empty_kernel() {
  launch_empty(stream_.get());
  return median_around(launch_empty);
}

Seconds Timer::empty_kernel_in_graph() {
  launch_empty(stream_.get());
  stream_.wait();
  capture(launch_empty);
  const auto launch = [this](cudaStream_t stream) { check(cudaGraphLaunch(graph_.get(), stream)); };
  return median_around(launch) / kLaunchesOfAGraph;
}

double Timer::reference_clock_mhz() {
  probe_.load(kLoadSeconds, device_.num_sms, stream_.get());
  probe_.read(0, stream_.get());
  stream_.wait();
  return probe_.clock_mhz(0);
}

}  // namespace moesim
