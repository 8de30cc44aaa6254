#include "calib/profile/router_dynamics.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "calib/profile/data_file.hpp"
#include "calib/profile/known_constants.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim {
namespace {

std::optional<SpecIssue> check_dynamics(const RouterDynamics& dynamics) {
  if (auto issue = find_unknown_constant(dynamics.constants, known_router_constants())) return issue;
  for (const KnownConstant& known : known_router_constants()) {
    if (std::ranges::find(dynamics.constants, known.name, &Constant::name) != dynamics.constants.end())
      continue;
    return SpecIssue{"/constants", fmt::format("the constant '{}' is missing", known.name),
                     "give all of them"};
  }
  return find_constant_fault(dynamics.constants, dynamics.sources, kMaxFittedConstants);
}

}  // namespace

const Spec<RouterDynamics>& spec_of(const RouterDynamics*) {
  using R = RouterDynamics;
  static const Spec<R> spec =
      Spec<R>("router", "How the router of a model in training moves.")
          .field("schema_version", &R::schema_version, "version of this format, 1", at_least(1))
          .field("name", &R::name, "shown by moesim constants", non_empty())
          .field("description", &R::description, "for the reader", optional())
          .field("sources", &R::sources, "what constants name by id")
          .field("constants", &R::constants, "drift, loss_effect, loss_pull, loss_max_step")
          .check(check_dynamics);
  return spec;
}

ResolvedConstant RouterDynamics::constant(std::string_view constant_name, const SourceSet& excluded) const {
  auto out = resolve(find_constant(constants, constant_name, path), excluded, path);
  out.owner = name;
  return out;
}

double RouterDynamics::value(std::string_view constant_name, const SourceSet& excluded) const {
  return constant(constant_name, excluded).value;
}

RouterDynamics load_router_dynamics(std::string_view name_or_path) {
  const std::string path = find_data_file("calib/routers", "router", name_or_path);
  const Json document = read_json_file(path);
  check_schema_version(document, kRouterDynamicsVersion, path);
  RouterDynamics dynamics = read_spec<RouterDynamics>(document, path);
  dynamics.path = path;
  return dynamics;
}

std::vector<std::string> router_dynamics_names() {
  return data_names("calib/routers");
}

std::vector<ResolvedConstant> list_constants(const RouterDynamics& dynamics, const SourceSet& excluded) {
  std::vector<ResolvedConstant> out;
  for (const Constant& constant : dynamics.constants)
    out.push_back(dynamics.constant(constant.name, excluded));
  return out;
}

}  // namespace moesim
