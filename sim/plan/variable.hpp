#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/spec.hpp"
#include "calib/profile/constant.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/profile_file.hpp"
#include "sim/plan/number_walk.hpp"
#include "sim/results/varied_input.hpp"

namespace moesim {

/// A number with what changes it.
struct Variable {
  VariedInput input;
  std::function<void(double)> set;
};

std::vector<VariedInput> inputs_of(const std::vector<Variable>& variables);

/// Each value at the variable of its index. Throws std::out_of_range where there is none.
void set_values(const std::vector<Variable>& variables, const InputValues& values);

/// A part of a run's inputs as a document whose numbers can be changed.
struct VariedPart {
  std::shared_ptr<Json> document;
  bool changed = false;
};

/// The profile's file with the entries in use alone, so that no draw makes another of two that time one point
/// the better one.
ProfileFile varied_file(const CalibrationProfile& profile);

/// Values of constants within their intervals, at the place that is in use without the excluded sources. The
/// variables refer to `constants`.
void add_constants(std::vector<Constant>& constants, const SourceSet& excluded, const std::string& owner,
                   std::vector<Variable>& variables);

/// Timed entries with a spread, all of one operator and format together: -1 is their p10, 1 their p90. The
/// variables refer to `file`.
void add_entries(ProfileFile& file, std::vector<Variable>& variables);

/// Every number of `object` that spec_numbers() finds. The variables refer to `part`, which takes its
/// document.
template <class T>
void add_numbers(const T& object, const std::string& prefix, const std::string& owner, VariedPart& part,
                 std::vector<Variable>& variables) {
  part.document = std::make_shared<Json>(write_spec(object));
  for (const SpecNumber& number :
       spec_numbers(description_of<T>(), *part.document, prefix, owner, "stated")) {
    variables.push_back({number.input, [&part, number](double changed) {
                           set_number(number, changed, *part.document);
                           part.changed = true;
                         }});
  }
}

/// The object with what was set.
template <class T>
void read_back(const VariedPart& part, T& object, const std::string& name) {
  if (part.changed) object = read_spec<T>(*part.document, name);
}

}  // namespace moesim
