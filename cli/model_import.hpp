#pragma once

#include <string>

#include "cli/command.hpp"

namespace moesim::cli {

struct ImportArguments {
  std::string config;  ///< a Hugging Face config.json, or "-"
  std::string name;    ///< empty: from the path
  std::string output;  ///< where the compact form goes; empty: nowhere
  std::string json;
};

/// Options and help of `model import`.
void add_import_options(CLI::App& app, ImportArguments& arguments);

/// Reads a configuration, writes its compact form and says what was understood and what was not used.
ExitCode import_model(const ImportArguments& arguments);

}  // namespace moesim::cli
