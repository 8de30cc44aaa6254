#include "sim/serving/fleet/fleet_policy.hpp"

namespace moesim {
namespace {

std::optional<SpecIssue> check_windows(const WindowSpec& windows) {
  if (windows.length > windows.period)
    return SpecIssue{"/length", "is longer than the period", "leave windows out to play everything"};
  if (windows.warm_up >= windows.length)
    return SpecIssue{"/warm_up", "is as long as the window", "leave time to measure"};
  return std::nullopt;
}

}  // namespace

const Spec<NodeFailure>& spec_of(const NodeFailure*) {
  static const Spec<NodeFailure> spec =
      Spec<NodeFailure>("node_failure",
                        "A node that stops: its unit loses its requests, which are sent again from the "
                        "start, and serves again after the repair.")
          .field("at", &NodeFailure::at, "since the start of the workload", example("1 h"))
          .field("pool", &NodeFailure::pool, "name of the pool", non_empty())
          .field("unit", &NodeFailure::unit, "which unit of the pool, from 0", at_least(0) | optional())
          .field("repair", &NodeFailure::repair, "until it serves again", at_least(0) | optional());
  return spec;
}

const Spec<WindowSpec>& spec_of(const WindowSpec*) {
  static const Spec<WindowSpec> spec =
      Spec<WindowSpec>("windows", "Parts of a long run, each started in the steady state of its time.")
          .field("period", &WindowSpec::period, "from one start to the next", above(0) | optional())
          .field("length", &WindowSpec::length, "of each", above(0) | optional())
          .field("warm_up", &WindowSpec::warm_up, "at the start of each, not counted",
                 at_least(0) | optional())
          .check(check_windows);
  return spec;
}

}  // namespace moesim
