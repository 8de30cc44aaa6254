#include "calib/profile/stack.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/profile/data_file.hpp"

namespace moesim {

ResolvedConstant Stack::constant(std::string_view constant_name, const SourceSet& excluded) const {
  auto out = resolve(find_constant(constants, constant_name, path), excluded, path);
  out.owner = name;
  return out;
}

double Stack::value(std::string_view constant_name, const SourceSet& excluded) const {
  return constant(constant_name, excluded).value;
}

double Stack::value_or(std::string_view constant_name, const SourceSet& excluded, double otherwise) const {
  const bool known = std::ranges::find(constants, constant_name, &Constant::name) != constants.end();
  return known ? value(constant_name, excluded) : otherwise;
}

double Stack::overlapped_rate(ComputeClass compute, int num_sms, int num_sms_taken,
                              const SourceSet& excluded) const {
  for (const auto& row : slowdowns) {
    if (row.compute != compute) continue;
    const double share = static_cast<double>(num_sms - num_sms_taken) / num_sms;
    if (!(share > 0)) {
      throw CalibrationError(path, "/all_to_all/num_sms",
                             fmt::format("{} of {} SMs leave none for computation", num_sms_taken, num_sms),
                             "give communication fewer SMs");
    }
    const double contention = row.contention.empty() ? 1.0 : value(row.contention, excluded);
    return std::min(1.0, (row.loses_sms ? share : 1.0) * contention);
  }
  return 1.0;
}

bool Stack::fuses(std::string_view operator_class) const {
  return std::find(fused.begin(), fused.end(), operator_class) != fused.end();
}

int Stack::num_kernels_of(std::string_view phase) const {
  const auto row = num_kernels.find(std::string(phase));
  return row == num_kernels.end() ? 0 : row->second;
}

Stack load_stack(std::string_view name_or_path) {
  const std::string path = find_data_file("calib/stacks", "stack", name_or_path);
  const Json document = read_json_file(path);
  check_schema_version(document, kStackSchemaVersion, path);
  Stack stack = read_spec<Stack>(document, path);
  stack.path = path;
  return stack;
}

std::vector<std::string> stack_names() {
  return data_names("calib/stacks");
}

std::vector<ResolvedConstant> list_constants(const Stack& stack, const CalibrationProfile& profile) {
  std::vector<ResolvedConstant> out;
  for (const auto& constant : stack.constants)
    out.push_back(stack.constant(constant.name, profile.excluded()));
  for (const auto& constant : profile.constants()) out.push_back(profile.constant(constant.name));
  return out;
}

}  // namespace moesim
