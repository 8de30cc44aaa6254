#pragma once

#include <string>

#include "base/json.hpp"
#include "sim/routing/topic_fit.hpp"
#include "sim/training/routing_curve.hpp"

namespace moesim::cli {

Json curve_json(const RoutingCurve& curve);
std::string curve_text(const RoutingCurve& curve);

Json fit_json(const TopicFit& fit, const TopicFitOptions& options);
std::string fit_text(const TopicFit& fit, const TopicFitOptions& options);

}  // namespace moesim::cli
