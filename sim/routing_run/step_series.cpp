#include "sim/routing_run/step_series.hpp"

namespace moesim {
namespace {

void give(RecordSink& sink, Series& part) {
  if (part.value.empty()) return;
  sink.add(part);
  part.time_s.clear();
  part.value.clear();
}

}  // namespace

void StepSeries::add(const std::string& name, const char* unit, std::int64_t step, double value) {
  Series& part = parts_[name];
  if (part.name.empty()) {
    part.name = name;
    part.unit = unit;
  }
  part.time_s.push_back(static_cast<double>(step));
  part.value.push_back(value);
  if (part.value.size() >= kPartPoints) give(sink_, part);
}

void StepSeries::flush() {
  for (auto& [name, part] : parts_) give(sink_, part);
}

}  // namespace moesim
