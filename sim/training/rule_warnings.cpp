#include "sim/training/rule_warnings.hpp"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "calib/profile/operator_time.hpp"
#include "models/operators.hpp"
#include "sim/training/known_work.hpp"
#include "sim/training/layer_work.hpp"

namespace moesim {
namespace {

void add_ruled(const std::vector<Operator>& operators, const TrainingInputs& inputs,
               std::set<std::string>& classes) {
  for (const Operator& op : operators) {
    if (op.kind == OperatorKind::small || inputs.stack.fuses(operator_class(op.name))) continue;
    if (operator_time(op, inputs.stack, inputs.profile).grade == Grade::rule)
      classes.emplace(operator_class(op.name));
  }
}

std::vector<std::string> warnings_at(const TrainingInputs& inputs, const OperatorContext& context) {
  std::set<std::string> classes;
  for (const LayerKind kind : {LayerKind::dense, LayerKind::moe}) {
    if (kind == LayerKind::moe && inputs.model().num_experts == 0) continue;
    for (const Pass pass : {Pass::forward, Pass::input_gradient, Pass::weight_gradient})
      add_ruled(layer_operators(inputs.model(), kind, pass, context), inputs, classes);
  }
  if (classes.empty()) return {};
  return {fmt::format("{}: no timed kernel answers {}; peak rates and an assumed efficiency stand in",
                      inputs.profile->path(), fmt::join(classes, ", "))};
}

}  // namespace

std::vector<std::string> rule_warnings(const TrainingInputs& inputs) {
  const OperatorContext context = operator_context(inputs, {}, 1);
  if (!inputs.known_work) return warnings_at(inputs, context);
  return inputs.known_work->warnings.of(KnownWork::sizes_of(context),
                                        [&] { return warnings_at(inputs, context); });
}

}  // namespace moesim
