#include "cli/output.hpp"

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <system_error>

#include <fmt/format.h>

#include "cli/command.hpp"

namespace moesim::cli {
namespace fs = std::filesystem;
namespace {

/// The path without links and dots; empty where it is no path, or one of what is no regular file.
fs::path file_of(const std::string& path) {
  std::error_code error;
  if (path.empty() || path == "-" || (fs::exists(path, error) && !fs::is_regular_file(path, error)))
    return {};
  const fs::path file = fs::weakly_canonical(fs::absolute(path), error);
  return error ? fs::path() : file;
}

}  // namespace

Output::Output(const std::string& target) : is_stdout_(target == "-") {
  if (!is_stdout_ && !target.empty()) file_ = std::make_unique<AtomicFile>(target);
}

std::ostream& Output::stream() {
  return is_stdout_ ? std::cout : file_->stream();
}

void Output::commit() {
  if (file_) file_->commit();
  if (is_stdout_ && !std::cout.flush()) {
    throw OutputError("standard output", "cannot be written", "is its disk full or its reader gone?");
  }
}

void print(std::string_view text) {
  Output output("-");
  output.stream() << text;
  output.commit();
}

void write_result(Output& json, const Json& document, const std::string& text) {
  if (json.wanted()) {
    json.stream() << write_json(document);
    json.commit();
  }
  if (!json.is_stdout()) print(text);
}

void require_distinct(const std::vector<NamedPath>& inputs, const std::vector<NamedPath>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const NamedPath& output = outputs[i];
    const fs::path file = file_of(output.path);
    if (file.empty()) continue;
    for (const NamedPath& input : inputs) {
      if (file != file_of(input.path)) continue;
      throw UsageError(
          fmt::format("{} would replace {}, '{}', which is read", output.name, input.name, input.path));
    }
    for (std::size_t other = 0; other < i; ++other) {
      if (file != file_of(outputs[other].path)) continue;
      throw UsageError(
          fmt::format("{} and {} are one file, '{}'", outputs[other].name, output.name, output.path));
    }
  }
}

void write_document(const std::string& target, const Json& document) {
  Output output(target);
  if (!output.wanted()) return;
  output.stream() << write_json(document);
  output.commit();
}

}  // namespace moesim::cli
