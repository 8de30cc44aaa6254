// Chrome JSON of the PyTorch profiler (Kineto): events in microseconds, kernels linked to the operators that
// launched them by "External id".
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "calib/import/text_file.hpp"
#include "calib/import/trace/trace.hpp"

namespace moesim {

namespace {

using Event = nlohmann::json;

constexpr double kMicrosecond = 1e-6;
constexpr std::size_t kMostBytes = 4'000'000'000;
constexpr std::string_view kStepMark = "ProfilerStep#";

struct Op {
  std::string name;
  std::vector<std::vector<std::int64_t>> shapes;
  std::vector<std::string> types;
};

struct DeviceKernel {
  int device;
  std::int64_t op_id;
  TracedKernel kernel;
};

std::string text_of(const Event& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

double number_of(const Event& object, const char* key, double otherwise) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number() ? at->get<double>() : otherwise;
}

std::int64_t id_of(const Event& args, const char* key) {
  return static_cast<std::int64_t>(number_of(args, key, -1));
}

/// Collects what a profile needs while events go by, so that the document is never held as a whole.
class ChromeReader {
 public:
  ChromeReader(std::string file, std::string mark)
      : file_(std::move(file)), mark_(mark.empty() ? std::string(kStepMark) : std::move(mark)) {}

  void take(const Event& event) {
    ++num_events_;
    if (text_of(event, "ph") != "X") return;
    const std::string category = text_of(event, "cat");
    if (category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset") {
      take_kernel(event);
    } else if (category == "cpu_op") {
      take_op(event);
    } else if (category == "cuda_runtime" || category == "cuda_driver") {
      if (text_of(event, "name").find("LaunchKernel") != std::string::npos)
        launches_.push_back(number_of(event, "dur", 0) * kMicrosecond);
    } else if (category == "gpu_user_annotation" || category == "user_annotation") {
      take_mark(event, category == "gpu_user_annotation");
    }
  }

  void take_device(const Event& device) {
    devices_[static_cast<int>(number_of(device, "id", 0))] = text_of(device, "name");
  }

  Trace result(int device) {
    Trace trace;
    trace.file = file_;
    trace.tool = "PyTorch profiler";
    trace.device = device >= 0 ? device : busiest_device();
    trace.gpu = devices_[trace.device];
    trace.launches_s = std::move(launches_);
    for (DeviceKernel& row : kernels_) {
      if (row.device != trace.device) continue;
      if (const auto op = ops_.find(row.op_id); op != ops_.end()) {
        row.kernel.op = op->second.name;
        row.kernel.call = row.op_id;
        row.kernel.shapes = op->second.shapes;
        row.kernel.types = op->second.types;
      }
      trace.kernels.push_back(std::move(row.kernel));
    }
    auto& marks = gpu_steps_.contains(trace.device) ? gpu_steps_[trace.device] : host_steps_;
    trace.steps = std::move(marks);
    return trace;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
    throw SpecError(file_, fmt::format("/traceEvents/{}", num_events_ - 1), what, hint);
  }

  std::pair<double, double> span_of(const Event& event) const {
    const double start = number_of(event, "ts", std::nan("")) * kMicrosecond;
    const double seconds = number_of(event, "dur", std::nan("")) * kMicrosecond;
    if (!std::isfinite(start) || !std::isfinite(seconds) || seconds < 0)
      fail(fmt::format("'{}' has no time span", text_of(event, "name")),
           "events of phase X have ts and a dur of at least 0, in microseconds");
    return {start, seconds};
  }

  void take_kernel(const Event& event) {
    const auto [start, seconds] = span_of(event);
    const Event args = event.value("args", Event::object());
    DeviceKernel row{static_cast<int>(number_of(args, "device", 0)), id_of(args, "External id"), {}};
    row.kernel.name = text_of(event, "name");
    row.kernel.start_s = start;
    row.kernel.seconds = seconds;
    row.kernel.stream = static_cast<int>(number_of(args, "stream", 0));
    row.kernel.collective = text_of(args, "Collective name");
    row.kernel.elements_in = number_of(args, "In msg nelems", 0);
    row.kernel.elements_out = number_of(args, "Out msg nelems", 0);
    row.kernel.group_size = static_cast<int>(number_of(args, "Group size", 0));
    if (!row.kernel.collective.empty()) row.kernel.types.push_back(text_of(args, "dtype"));
    kernels_.push_back(std::move(row));
  }

  void take_op(const Event& event) {
    const auto args = event.find("args");
    if (args == event.end()) return;
    const std::int64_t id = id_of(*args, "External id");
    if (id < 0) return;
    Op op{text_of(event, "name"), {}, {}};
    if (const auto dims = args->find("Input Dims"); dims != args->end() && dims->is_array()) {
      for (const Event& shape : *dims) {
        op.shapes.emplace_back();
        if (!shape.is_array()) continue;
        for (const Event& extent : shape)
          op.shapes.back().push_back(extent.is_number_integer() ? extent.get<std::int64_t>() : 0);
      }
    }
    const char* types_key = args->contains("Input type") ? "Input type" : "Input types";
    if (const auto types = args->find(types_key); types != args->end() && types->is_array()) {
      for (const Event& type : *types) op.types.push_back(type.is_string() ? type.get<std::string>() : "");
    }
    ops_[id] = std::move(op);
  }

  void take_mark(const Event& event, bool on_gpu) {
    const std::string name = text_of(event, "name");
    if (!name.starts_with(mark_)) return;
    const auto [start, seconds] = span_of(event);
    const int device = on_gpu && event.contains("args")
                           ? static_cast<int>(number_of(event["args"], "device", number_of(event, "pid", 0)))
                           : static_cast<int>(number_of(event, "pid", 0));
    auto& steps = on_gpu ? gpu_steps_[device] : host_steps_;
    steps.push_back({name, start, start + seconds});
  }

  int busiest_device() const {
    std::map<int, std::size_t> count;
    for (const DeviceKernel& row : kernels_) ++count[row.device];
    const auto most = std::max_element(count.begin(), count.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == count.end() ? 0 : most->first;
  }

  std::string file_;
  std::string mark_;
  std::size_t num_events_ = 0;
  std::vector<DeviceKernel> kernels_;
  std::unordered_map<std::int64_t, Op> ops_;  // looked up, never walked
  std::map<int, std::vector<TracedStep>> gpu_steps_;
  std::vector<TracedStep> host_steps_;
  std::map<int, std::string> devices_;
  std::vector<double> launches_;
};

/// Passes each member of "traceEvents" and "deviceProperties" to the reader and keeps nothing of it.
class EventFilter {
 public:
  explicit EventFilter(ChromeReader& reader) : reader_(reader) {}

  bool operator()(int depth, Event::parse_event_t what, Event& value) {
    if (what == Event::parse_event_t::key && depth == 1) {
      key_ = value.get<std::string>();
    } else if (what == Event::parse_event_t::array_start && depth == 0) {
      key_ = "traceEvents";  // a bare array of events
      events_depth_ = 1;
    } else if (what == Event::parse_event_t::object_end && depth == events_depth_) {
      if (key_ == "traceEvents") {
        seen_ = true;
        reader_.take(value);
        return false;
      }
      if (key_ == "deviceProperties") reader_.take_device(value);
    }
    return true;
  }
  [[nodiscard]] bool seen() const { return seen_; }

 private:
  ChromeReader& reader_;
  std::string key_;
  int events_depth_ = 2;
  bool seen_ = false;
};

}  // namespace

Trace read_chrome_trace(const std::string& file, const TraceChoice& choice) {
  const std::string text = read_text_file(file, kMostBytes);
  ChromeReader reader(file, choice.mark);
  EventFilter filter(reader);
  try {
    // A document of events alone: numbers beyond double and bad UTF-8 are errors of the parser.
    const auto rest = Event::parse(text, std::ref(filter));
    static_cast<void>(rest);
  } catch (const nlohmann::json::exception& error) {
    throw SpecError(file, "", fmt::format("no complete JSON: {}", error.what()),
                    "export_chrome_trace() writes one JSON document; a truncated file cannot be read");
  }
  if (!filter.seen())
    throw SpecError(
        file, "", "no Chrome trace: it has no traceEvents",
        "give what the PyTorch profiler's export_chrome_trace() wrote, or an SQLite export of nsys");
  return reader.result(choice.device);
}

}  // namespace moesim
