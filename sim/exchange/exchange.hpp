#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace moesim {

/// What the arguments of another program do not say.
struct ImportChoices {
  std::string model;        ///< catalog name or file
  std::string cluster;      ///< catalog name or file
  std::string calibration;  ///< profile
  std::string stack;        ///< empty: the one that the arguments stand for
};

/// Reads the arguments of Megatron-LM's pretrain_gpt: {"scenario", "understood": [names], "ignored": [names],
/// "not_modelled": [{"name", "what"}], "unknown": [names]}. The scenario is not checked against its schema.
/// Throws SpecError for an argument that is missing, mistyped, contradicts the model or cannot be expressed.
Json import_megatron(std::string_view text, const std::string& file, const ImportChoices& choices);

/// The arguments that give a scenario's layout and recipe: {"arguments": [words], "not_expressed":
/// [{"pointer", "what"}]}. `scenario` is a complete document. Throws SpecError where no argument gives its
/// schedule.
Json export_megatron(const Json& scenario, const std::string& file);

}  // namespace moesim
