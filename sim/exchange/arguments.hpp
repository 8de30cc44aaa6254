#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

/// Arguments "--name value..." of a command line or shell script, each taken at most once by who understands
/// it.
class Arguments {
 public:
  /// Words as a shell splits them: quotes, backslashes, comments and ( ) of arrays. $NAME, ${NAME} and
  /// ${NAME:-DEFAULT} stand for what the text assigns before, NAME=VALUE. Of a repeated argument the last
  /// counts. Throws SpecError for an open quote.
  Arguments(std::string_view text, std::string file);

  /// Whether it is given; it counts as understood from then on.
  bool has(const std::string& name);
  /// Its values; absent where it is not given.
  std::optional<std::vector<std::string>> values(const std::string& name);
  /// Its one value. Throws SpecError where it has none or several, or a variable that the text does not set.
  std::optional<std::string> text(const std::string& name);
  /// Its one value, a whole number of at least `low`. Throws SpecError.
  std::optional<long> number(const std::string& name, long low = 1);

  [[nodiscard]] const std::set<std::string>& understood() const { return understood_; }
  /// Names that somebody asked for, given or not.
  [[nodiscard]] const std::set<std::string>& asked() const { return asked_; }
  /// Names that nobody took.
  [[nodiscard]] std::vector<std::string> others() const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::map<std::string, std::vector<std::string>> given_;
  std::set<std::string> understood_;
  std::set<std::string> asked_;
};

}  // namespace moesim
