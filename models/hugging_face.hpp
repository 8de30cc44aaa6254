#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/model_spec.hpp"

namespace moesim {

/// A key of a configuration that has no meaning here, and why.
struct IgnoredKey {
  std::string key;
  std::string_view reason;
};

/// What a Hugging Face configuration says.
struct HuggingFaceModel {
  ModelSpec spec;
  std::vector<IgnoredKey> ignored;   ///< known to change neither parameters, operations nor memory
  std::vector<std::string> unknown;  ///< whether they would change something is not known
};

/// As read_hugging_face_config, with the keys that were left out, in the order of the document.
HuggingFaceModel import_hugging_face_config(const Json& config, const std::string& file);

/// Why a key changes nothing that moesim computes; empty for an unknown key.
std::string_view reason_to_ignore(std::string_view key);

}  // namespace moesim
