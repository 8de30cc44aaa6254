#pragma once

#include <algorithm>

#include "calib/profile/gemm_curves.hpp"

namespace moesim {

/// A GEMM on its curve: the weight [n, k] and the tokens.
struct CurveAxes {
  double n;
  double k;
  double tokens;
};

inline CurveAxes curve_axes(const GemmShape& shape) {
  if (shape.role != GemmRole::weight_gradient) return {shape.n, shape.k, shape.m};
  return {std::max(shape.m, shape.n), std::min(shape.m, shape.n), shape.k};
}

/// The shape of `like` with another weight, token count and number of groups.
inline GemmShape shape_at(const GemmShape& like, double n, double k, double tokens, double groups) {
  GemmShape out = like;
  out.groups = groups;
  const bool weight = like.role == GemmRole::weight_gradient;
  out.m = weight ? n : tokens;
  out.n = weight ? k : n;
  out.k = weight ? tokens : k;
  return out;
}

}  // namespace moesim
