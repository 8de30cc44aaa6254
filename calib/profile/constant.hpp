#pragma once

#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// Where a figure comes from, best first.
enum class Provenance {
  measured,   ///< by moesim's own kernels on the GPU
  published,  ///< printed by its source for this GPU
  derived,    ///< computed from published figures, or carried from another shape or GPU
  assumed,    ///< from engineering experience
  fitted,     ///< chosen so that named cases come out; in stacks only
};

template <>
struct EnumNames<Provenance> {
  static constexpr std::array<std::pair<Provenance, std::string_view>, 5> table{{
      {Provenance::measured, "measured"},
      {Provenance::published, "published"},
      {Provenance::derived, "derived"},
      {Provenance::assumed, "assumed"},
      {Provenance::fitted, "fitted"},
  }};
};

/// Ids of sources, e.g. those left out by `--exclude-source`.
using SourceSet = std::set<std::string>;

/// A publication, table or trace that entries and constants name by `id`.
struct Source {
  std::string id;
  std::string title;
  std::string url;
  std::string date;  ///< of the publication, YYYY-MM or YYYY-MM-DD
};
const Spec<Source>& spec_of(const Source*);

/// What a constant is when one of its own sources is left out.
struct ConstantFallback {
  double value = 0;
  Provenance provenance = Provenance::assumed;
  std::vector<std::string> sources;
  std::vector<double> interval;  ///< [low, high]
};
const Spec<ConstantFallback>& spec_of(const ConstantFallback*);

/// A number of a stack or a profile that is no table entry.
struct Constant {
  std::string name;
  double value = 0;
  std::string unit;  ///< "ratio", "count", or SI: "s", "B", "B/s", "FLOP/s", "B/parameter", "s/B"; "logit"
  Provenance provenance = Provenance::assumed;
  std::vector<std::string> sources;
  std::vector<std::string> cases;  ///< validation cases it was fitted on
  std::vector<double> interval;    ///< [low, high], low <= value <= high
  std::string note;
  std::optional<ConstantFallback> fallback;
};
const Spec<Constant>& spec_of(const Constant*);

/// The most fitted constants that one stack may hold.
inline constexpr std::size_t kMaxFittedConstants = 4;

/// A constant as it stands once sources are left out; `fallback` says whether its fallback stands in.
struct ResolvedConstant {
  std::string owner;  ///< name of the stack or profile
  std::string name;
  double value = 0;
  std::string unit;
  Provenance provenance = Provenance::assumed;
  std::vector<std::string> sources;
  std::vector<std::string> cases;
  double low = 0;
  double high = 0;
  std::string note;
  bool fallback = false;
};

/// The constant, or its fallback where `excluded` holds one of its sources.
/// Throws CalibrationError where that leaves nothing.
ResolvedConstant resolve(const Constant& constant, const SourceSet& excluded, const std::string& file);

/// The constant of that name. Throws CalibrationError with the nearest name.
const Constant& find_constant(std::span<const Constant> constants, std::string_view name,
                              const std::string& file);

/// A fault that the typed description cannot express: unknown source, interval that misses the value, a
/// second constant of one name, a fitted constant without case or fallback, more than `max_fitted`. Empty:
/// none.
std::optional<SpecIssue> find_constant_fault(std::span<const Constant> constants,
                                             std::span<const Source> sources, std::size_t max_fitted);

/// True where `sources` has a row `id`.
bool has_source(std::span<const Source> sources, std::string_view id);

}  // namespace moesim
