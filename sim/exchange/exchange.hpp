#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace moesim {

/// What the arguments of another program do not say.
struct ImportChoices {
  std::string model;        ///< catalog name or file; empty: the one that the arguments describe
  std::string cluster;      ///< catalog name or file
  std::string calibration;  ///< profile
  std::string stack;        ///< empty: the one that the arguments stand for
  int num_gpus = 0;         ///< 0: what the arguments say, else all of the cluster
  int cluster_gpus = 0;     ///< of `cluster`; 0: not known, and no number of GPUs is compared
  int gpus_per_node = 8;    ///< of `cluster`
  std::string model_file;   ///< where a described model that the catalog lacks is written; empty: nowhere
};

/// Reads the arguments of Megatron-LM's pretrain_gpt: {"scenario", "model"?, "understood": [names],
/// "ignored": [names], "not_modelled": [{"name", "what"}], "near": {unknown name: known name}, "unknown":
/// [names]}. "model" is the content of `choices.model_file`, where the scenario names that. The scenario is
/// not checked against its schema. Throws SpecError for an argument that is missing, mistyped, contradicts
/// the model or cannot be expressed.
Json import_megatron(std::string_view text, const std::string& file, const ImportChoices& choices);

/// The arguments that give a scenario's layout and recipe: {"arguments": [words], "not_expressed":
/// [{"pointer", "what"}]}. `scenario` is a complete document. Throws SpecError where no argument gives its
/// schedule.
Json export_megatron(const Json& scenario, const std::string& file);

/// Reads a job configuration of torchtitan in TOML; as import_megatron, names are "section.key".
Json import_torchtitan(std::string_view text, const std::string& file, const ImportChoices& choices);

/// The configuration that gives a scenario's layout and recipe on `num_gpus` GPUs: {"config": {section: {key:
/// value}}, "not_expressed": [{"pointer", "what"}]}. Throws SpecError where torchtitan has no such schedule.
Json export_torchtitan(const Json& scenario, const std::string& file, int num_gpus);

/// "config" of export_torchtitan as TOML.
std::string torchtitan_text(const Json& config);

}  // namespace moesim
