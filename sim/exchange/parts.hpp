#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/exchange.hpp"

namespace moesim {

/// {"name", "what"} behind the others.
void add_note(Json& notes, const std::string& name, const std::string& what);
/// {"pointer", "what"} behind the others.
void add_not_expressed(Json& notes, const std::string& pointer, const std::string& what);

/// Notes what of a recipe's "memory" is neither in `expressed` nor what other programs do: no average of the
/// parameters, the rest by default.
void add_memory_notes(const Json& memory, std::string_view expressed, Json& notes);

/// A model as a scenario names it.
struct NamedModel {
  std::string name;
  ModelSpec spec;
  bool is_new = false;  ///< `name` is the choices' model_file, which has to be written
};

/// The catalog's model with the sizes of `described`, else `described` itself as the choices' model_file. Of
/// several equals the one called like its family comes first. Names, rules of the gate and positions are no
/// sizes; a vocabulary of 0 is any. Throws SpecError where neither is possible.
NamedModel name_model(const ModelSpec& described, const ImportChoices& choices, const std::string& file);

/// The choices' cluster with that many GPUs. Throws SpecError where they are no whole nodes.
Json cluster_of(const ImportChoices& choices, long num_gpus, const std::string& file);

/// The parts of a scenario of another program. `import_*` give this with the lists of names.
Json scenario_of(const ImportChoices& choices, const NamedModel& model, const std::string& stack, Json layout,
                 Json recipe);

}  // namespace moesim
