#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "calib/profile/constant.hpp"

namespace moesim {

inline constexpr int kRouterDynamicsVersion = 1;

/// How the router of a model in training moves by itself and under balance losses: calib/routers/NAME.json.
/// The numbers belong to functional simulations, which have no language model that would move it.
struct RouterDynamics {
  int schema_version = kRouterDynamicsVersion;
  std::string name;
  std::string description;
  std::vector<Source> sources;
  std::vector<Constant> constants;  ///< all of router_constants()
  std::string path;                 ///< of the file, for errors

  /// Throws CalibrationError for an unknown name and where `excluded` leaves nothing.
  [[nodiscard]] ResolvedConstant constant(std::string_view constant_name, const SourceSet& excluded) const;
  [[nodiscard]] double value(std::string_view constant_name, const SourceSet& excluded) const;
};
const Spec<RouterDynamics>& spec_of(const RouterDynamics*);

/// A shipped name or a path that ends in .json. Throws SpecError and CalibrationError.
RouterDynamics load_router_dynamics(std::string_view name_or_path);

/// The shipped ones, sorted.
std::vector<std::string> router_dynamics_names();

/// Every constant of the file as it stands.
std::vector<ResolvedConstant> list_constants(const RouterDynamics& dynamics, const SourceSet& excluded);

}  // namespace moesim
