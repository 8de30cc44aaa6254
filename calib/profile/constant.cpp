#include "calib/profile/constant.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace moesim {

namespace {

bool holds(const std::vector<double>& interval, double value) {
  return interval.size() == 2 && interval[0] <= value && value <= interval[1];
}

std::optional<SpecIssue> unknown_source_issue(const std::vector<std::string>& ids,
                                              std::span<const Source> sources) {
  for (const auto& id : ids) {
    if (!has_source(sources, id))
      return SpecIssue{"", fmt::format("unknown source '{}'", id), "list it under /sources"};
  }
  return std::nullopt;
}

/// The fault of one constant, without its place.
std::optional<SpecIssue> fault_of(const Constant& constant, std::span<const Source> sources) {
  const bool fitted = constant.provenance == Provenance::fitted;
  if (!holds(constant.interval, constant.value))
    return SpecIssue{"", "the interval [low, high] does not hold the value", "widen it, or mend the value"};
  if (auto issue = unknown_source_issue(constant.sources, sources)) return issue;
  if (fitted && constant.cases.empty())
    return SpecIssue{"", "a fitted constant names its cases", "give the ids of validation cases in cases"};
  if (fitted && !constant.fallback)
    return SpecIssue{"", "a fitted constant needs a fallback", "give what stands in without its source"};
  if (!constant.fallback) return std::nullopt;
  const auto& fallback = *constant.fallback;
  if (fallback.provenance == Provenance::fitted)
    return SpecIssue{"", "a fallback cannot be fitted", "derive, assume or cite it"};
  if (!holds(fallback.interval, fallback.value))
    return SpecIssue{"", "the fallback's interval does not hold its value", "widen it, or mend the value"};
  return unknown_source_issue(fallback.sources, sources);
}

bool any_excluded(const std::vector<std::string>& ids, const SourceSet& excluded) {
  return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return excluded.contains(id); });
}

}  // namespace

const Spec<Source>& spec_of(const Source*) {
  static const Spec<Source> spec =
      Spec<Source>("source", "A publication, table or trace.")
          .field("id", &Source::id, "name used by entries, constants and --exclude-source", non_empty())
          .field("title", &Source::title, "title", non_empty())
          .field("url", &Source::url, "address", optional())
          .field("date", &Source::date, "date of publication, YYYY-MM or YYYY-MM-DD", optional());
  return spec;
}

const Spec<ConstantFallback>& spec_of(const ConstantFallback*) {
  using F = ConstantFallback;
  static const Spec<F> spec =
      Spec<F>("fallback", "What stands in when one of the constant's sources is left out.")
          .field("value", &F::value, "in the constant's unit")
          .field("provenance", &F::provenance, "where it comes from")
          .field("sources", &F::sources, "source ids", non_empty())
          .field("interval", &F::interval, "[low, high]", non_empty());
  return spec;
}

const Spec<Constant>& spec_of(const Constant*) {
  using C = Constant;
  static const Spec<C> spec =
      Spec<C>("constant", "A number with its origin.")
          .field("name", &C::name, "name", non_empty())
          .field("value", &C::value, "in `unit`")
          .field("unit", &C::unit, "unit of the value",
                 choices({"ratio", "count", "s", "B", "B/s", "FLOP/s", "B/parameter", "s/B", "logit"}))
          .field("provenance", &C::provenance, "where it comes from")
          .field("sources", &C::sources, "source ids", non_empty())
          .field("cases", &C::cases, "validation cases that a fitted constant was fitted on", optional())
          .field("interval", &C::interval, "[low, high]", non_empty())
          .field("note", &C::note, "what it stands for", optional())
          .field("fallback", &C::fallback, "what stands in when one of its sources is left out");
  return spec;
}

bool has_source(std::span<const Source> sources, std::string_view id) {
  return std::any_of(sources.begin(), sources.end(), [&](const Source& source) { return source.id == id; });
}

ResolvedConstant resolve(const Constant& constant, const SourceSet& excluded, const std::string& file) {
  ResolvedConstant out;
  out.name = constant.name;
  out.unit = constant.unit;
  out.cases = constant.cases;
  out.note = constant.note;
  out.fallback = any_excluded(constant.sources, excluded);
  if (!out.fallback) {
    out.value = constant.value;
    out.provenance = constant.provenance;
    out.sources = constant.sources;
    out.low = constant.interval[0];
    out.high = constant.interval[1];
    return out;
  }
  if (!constant.fallback || any_excluded(constant.fallback->sources, excluded)) {
    throw CalibrationError(file, "/constants", fmt::format("constant '{}' has no source left", constant.name),
                           "leave out fewer sources, or give the constant a fallback from another source");
  }
  out.cases.clear();
  out.value = constant.fallback->value;
  out.provenance = constant.fallback->provenance;
  out.sources = constant.fallback->sources;
  out.low = constant.fallback->interval[0];
  out.high = constant.fallback->interval[1];
  return out;
}

const Constant& find_constant(std::span<const Constant> constants, std::string_view name,
                              const std::string& file) {
  std::vector<std::string> names;
  for (const auto& constant : constants) {
    if (constant.name == name) return constant;
    names.push_back(constant.name);
  }
  const std::string near = nearest(name, std::span<const std::string>(names));
  throw CalibrationError(file, "/constants", fmt::format("no constant '{}'", name),
                         near.empty() ? "add it with value, unit, provenance, sources and interval"
                                      : fmt::format("did you mean '{}'?", near));
}

std::optional<SpecIssue> find_constant_fault(std::span<const Constant> constants,
                                             std::span<const Source> sources, std::size_t max_fitted) {
  std::size_t num_fitted = 0;
  std::set<std::string> names;
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const auto& constant = constants[i];
    const std::string pointer = fmt::format("/constants/{}", i);
    if (!names.insert(constant.name).second) {
      return SpecIssue{pointer, fmt::format("a second constant '{}'", constant.name), "keep one of them"};
    }
    if (auto fault = fault_of(constant, sources)) {
      return SpecIssue{pointer, fmt::format("constant '{}': {}", constant.name, fault->what), fault->hint};
    }
    if (constant.provenance == Provenance::fitted && ++num_fitted > max_fitted) {
      return SpecIssue{pointer, fmt::format("more than {} fitted constants", max_fitted),
                       "derive, measure or cite the others"};
    }
  }
  return std::nullopt;
}

}  // namespace moesim
