#include "calib/profile/stack_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "calib/profile/operator_time.hpp"
#include "models/operators.hpp"

namespace moesim {
namespace {

/// A set of names that a key of a stack may hold.
struct Names {
  std::string_view what;  ///< "operator", "phase"
  std::vector<std::string> all;

  /// The fault of `name` at `pointer`; nothing where it is one of them.
  [[nodiscard]] std::optional<SpecIssue> find_fault(const std::string& pointer,
                                                    const std::string& name) const {
    if (std::ranges::find(all, name) != all.end()) return std::nullopt;
    const std::string near = nearest(name, std::span<const std::string>(all));
    return SpecIssue{pointer, fmt::format("no {} '{}'", what, name),
                     near.empty() ? fmt::format("one of {}", fmt::join(all, ", "))
                                  : fmt::format("did you mean '{}'?", near)};
  }
};

Names operator_names(bool with_kinds) {
  Names names{with_kinds ? "class or kind of operator" : "class of operator", {}};
  if (with_kinds) names.all.assign(kOperatorKinds.begin(), kOperatorKinds.end());
  names.all.insert(names.all.end(), operator_classes().begin(), operator_classes().end());
  return names;
}

Names communication_names(bool with_optimizer) {
  Names names{"such phase", {kCommunicationPhases.begin(), kCommunicationPhases.end()}};
  if (with_optimizer) names.all.emplace_back(kOptimizerPhase);
  return names;
}

std::optional<SpecIssue> find_unknown_operator(const Stack& stack) {
  const Names any = operator_names(true);
  const Names classes = operator_names(false);
  for (std::size_t i = 0; i < stack.kernels.size(); ++i) {
    if (auto fault = any.find_fault(fmt::format("/kernels/{}/operator", i), stack.kernels[i].op))
      return fault;
  }
  for (std::size_t i = 0; i < stack.fused.size(); ++i) {
    if (auto fault = classes.find_fault(fmt::format("/fused/{}", i), stack.fused[i])) return fault;
  }
  for (const auto& [name, factor] : stack.small_kernel_bytes) {
    if (auto fault = classes.find_fault(child_pointer("/small_kernel_bytes", name), name)) return fault;
  }
  const std::vector<std::string> none;
  const auto& served = stack.serving ? stack.serving->fused : none;
  for (std::size_t i = 0; i < served.size(); ++i) {
    if (auto fault =
            classes.find_fault(fmt::format("/serving/fused/{}", i), std::string(operator_class(served[i]))))
      return fault;
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_unknown_phase(const Stack& stack) {
  const Names computation{"such phase", {kComputationPhases.begin(), kComputationPhases.end()}};
  const Names communication = communication_names(false);
  const Names launched = communication_names(true);
  for (const auto& [name, count] : stack.num_kernels) {
    if (auto fault = launched.find_fault(child_pointer("/num_kernels", name), name)) return fault;
  }
  for (std::size_t i = 0; i < stack.sync_points.size(); ++i) {
    const auto pointer = fmt::format("/sync_points/{}/phase", i);
    if (auto fault = communication.find_fault(pointer, stack.sync_points[i].phase)) return fault;
  }
  for (std::size_t i = 0; i < stack.overlap.size(); ++i) {
    const auto pointer = fmt::format("/overlap/{}", i);
    const OverlapPair& pair = stack.overlap[i];
    if (auto fault = communication.find_fault(pointer + "/communication", pair.communication)) return fault;
    for (std::size_t j = 0; j < pair.computation.size(); ++j) {
      if (auto fault =
              computation.find_fault(fmt::format("{}/computation/{}", pointer, j), pair.computation[j]))
        return fault;
    }
  }
  return std::nullopt;
}

std::optional<SpecIssue> find_unknown_contention(const Stack& stack) {
  for (std::size_t i = 0; i < stack.slowdowns.size(); ++i) {
    const std::string& name = stack.slowdowns[i].contention;
    if (name.empty()) continue;
    const auto constant = std::ranges::find(stack.constants, name, &Constant::name);
    const auto pointer = fmt::format("/slowdowns/{}/contention", i);
    if (constant == stack.constants.end())
      return SpecIssue{pointer, fmt::format("no constant '{}'", name), "name one of /constants"};
    if (constant->unit != "ratio")
      return SpecIssue{pointer, fmt::format("the unit of {} is {}", name, constant->unit),
                       "name a constant that is a ratio of rates"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<SpecIssue> find_unknown_name(const Stack& stack) {
  if (auto fault = find_unknown_operator(stack)) return fault;
  if (auto fault = find_unknown_phase(stack)) return fault;
  return find_unknown_contention(stack);
}

}  // namespace moesim
