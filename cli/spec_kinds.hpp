#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/spec_types.hpp"

namespace moesim::cli {

/// A kind of input file.
struct SpecFileKind {
  std::string_view name;  ///< of `moesim spec schema`
  std::string_view doc;
  const SpecDescription& (*description)();
  /// Keys of other forms of the same file, besides those of the description.
  std::span<const std::string_view> other_keys;
  /// The checked document with every default. Throws SpecError or CalibrationError.
  Json (*resolve)(const Json& document, const std::string& file);
};

/// The kinds of scenarios first.
const std::vector<SpecFileKind>& spec_file_kinds();

/// The kind whose keys the document holds most of. Throws SpecError where it holds none of any.
const SpecFileKind& recognise(const Json& document, const std::string& file);

/// The kind of that name. Throws SpecError with the nearest name.
const SpecFileKind& spec_file_kind(std::string_view name);

}  // namespace moesim::cli
