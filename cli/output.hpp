#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/json.hpp"

namespace moesim::cli {

/// Where a result goes: "-" is standard output, another text a file that appears when it is whole, an empty
/// text nowhere.
class Output {
 public:
  /// Throws OutputError where nothing can be written there.
  explicit Output(const std::string& target);

  /// Whether anything is to be written.
  [[nodiscard]] bool wanted() const { return is_stdout_ || file_ != nullptr; }
  [[nodiscard]] bool is_stdout() const { return is_stdout_; }
  /// Only where wanted(). Errors show in commit().
  std::ostream& stream();
  /// Ends the output. Throws OutputError where something could not be written.
  void commit();

 private:
  bool is_stdout_;
  std::unique_ptr<AtomicFile> file_;
};

/// Writes all of `text` to standard output. Throws OutputError.
void print(std::string_view text);

/// What every command ends with: `document` to `json` where that is wanted, and `text` to standard output
/// unless the document went there.
void write_result(Output& json, const Json& document, const std::string& text);

/// A path and what named it, "--json".
struct NamedPath {
  std::string name;
  std::string path;
};

/// Throws UsageError where two outputs are one file, or an output is an input. Empty texts, "-" and what is
/// no regular file are passed over.
void require_distinct(const std::vector<NamedPath>& inputs, const std::vector<NamedPath>& outputs);

/// Writes `document` to `target` as Output names it.
void write_document(const std::string& target, const Json& document);

}  // namespace moesim::cli
