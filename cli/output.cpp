#include "cli/output.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

namespace moesim::cli {

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

void write_document(const std::string& target, const Json& document) {
  Output output(target);
  if (!output.wanted()) return;
  output.stream() << write_json(document);
  output.commit();
}

}  // namespace moesim::cli
