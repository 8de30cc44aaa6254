#include "calib/measure/rank_needs.hpp"

namespace moesim {
namespace {

/// The axis that counts the ranks of an operator between GPUs; null of others.
const char* rank_axis(TimedOperator op) {
  switch (op) {
    case TimedOperator::all_reduce:
    case TimedOperator::all_gather:
    case TimedOperator::reduce_scatter:
    case TimedOperator::all_to_all:
    case TimedOperator::custom_all_reduce:
      return "num_gpus";
    case TimedOperator::dispatch_normal:
    case TimedOperator::combine_normal:
    case TimedOperator::dispatch_low_latency:
    case TimedOperator::combine_low_latency:
      return "ep";
    default:
      return nullptr;
  }
}

}  // namespace

RankNeeds rank_needs(const MeasuredCase& point) {
  const char* axis = rank_axis(point.op);
  if (!axis) return {};
  return {static_cast<int>(point.axis(axis)), static_cast<int>(point.setting("nodes", 1))};
}

bool is_software_floor(const MeasuredCase& point) {
  return rank_axis(point.op) != nullptr && rank_needs(point).ranks == 1;
}

std::vector<MeasuredCase> cases_for(std::vector<MeasuredCase> cases, const RankNeeds& needs) {
  std::erase_if(cases, [&](const MeasuredCase& point) { return rank_needs(point) != needs; });
  return cases;
}

}  // namespace moesim
