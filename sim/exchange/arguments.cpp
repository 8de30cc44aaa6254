#include "sim/exchange/arguments.hpp"

#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {
namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

struct Word {
  std::string text;
  bool was_quoted = false;
};

/// Words of a shell text; "(" and ")" outside words and quotes are words of their own.
class Splitter {
 public:
  Splitter(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::vector<Word> words() {
    while (at_ < text_.size()) step();
    end_word();
    return std::move(words_);
  }

 private:
  void step() {
    const char c = text_[at_++];
    if (c == '\\') {
      if (at_ < text_.size() && text_[at_] != '\n') add(text_[at_]);
      ++at_;
    } else if (c == '\'' || c == '"') {
      quoted(c);
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == ';') {
      end_word();
    } else if (c == '#' && !open_) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '(' && (!open_ || word_.text.ends_with('='))) {
      end_word();
      words_.push_back({"(", false});
    } else if (c == ')' && !open_) {
      words_.push_back({")", false});
    } else {
      add(c);
    }
  }
  void quoted(char quote) {
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) throw SpecError(file_, "", "a quote is open at the end", "close it");
    word_.text += text_.substr(at_, end - at_);
    word_.was_quoted = open_ = true;
    at_ = end + 1;
  }
  void add(char c) {
    word_.text += c;
    open_ = true;
  }
  void end_word() {
    if (open_) words_.push_back(std::move(word_));
    word_ = {};
    open_ = false;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  bool open_ = false;
  Word word_;
  std::vector<Word> words_;
};

using Variables = std::map<std::string, std::string>;

/// The text with what is known of its variables; others stay.
std::string expanded(const std::string& text, const Variables& variables) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool braced = text.compare(at, 2, "${") == 0;
    std::size_t end = at + (braced ? 2 : 1);
    const std::size_t begin = end;
    while (text[at] == '$' && end < text.size() && is_name_character(text[end])) ++end;
    const auto found = variables.find(text.substr(begin, end - begin));
    const std::size_t close = braced ? text.find('}', end) : end;
    if (text[at] != '$' || end == begin || close == std::string::npos) {
      out += text[at++];
      continue;
    }
    const bool has_default = braced && text.compare(end, 2, ":-") == 0;
    const std::size_t stop = braced ? close + 1 : close;
    out += found != variables.end() ? found->second
           : has_default            ? text.substr(end + 2, close - end - 2)
                                    : text.substr(at, stop - at);
    at = stop;
  }
  return out;
}

/// "NAME=VALUE" outside arguments.
bool assign(const std::string& word, Variables& variables) {
  std::size_t end = 0;
  while (end < word.size() && is_name_character(word[end])) ++end;
  if (end == 0 || end >= word.size() || word[end] != '=') return false;
  variables[word.substr(0, end)] = expanded(word.substr(end + 1), variables);
  return true;
}

std::string with_dashes(std::string name) {
  for (char& c : name) c = c == '_' ? '-' : c;
  return name;
}

}  // namespace

Arguments::Arguments(std::string_view text, std::string file) : file_(std::move(file)) {
  Variables variables;
  std::vector<std::string>* values = nullptr;
  for (const Word& word : Splitter(text, file_).words()) {
    if (!word.was_quoted && (word.text == "(" || word.text == ")")) {
      values = nullptr;
    } else if (word.text.starts_with("--") && word.text.size() > 2) {
      const std::size_t equals = word.text.find('=');
      const std::size_t name_end = std::min(equals, word.text.size());
      values = &given_[with_dashes(word.text.substr(2, name_end - 2))];
      values->clear();
      if (equals != std::string::npos) values->push_back(expanded(word.text.substr(equals + 1), variables));
    } else if (assign(word.text, variables)) {
      values = nullptr;
    } else if (values != nullptr) {
      values->push_back(expanded(word.text, variables));
    }
  }
}

bool Arguments::has(const std::string& name) {
  asked_.insert(name);
  if (!given_.contains(name)) return false;
  understood_.insert(name);
  return true;
}

std::optional<std::vector<std::string>> Arguments::values(const std::string& name) {
  if (!has(name)) return std::nullopt;
  return given_[name];
}

std::optional<std::string> Arguments::text(const std::string& name) {
  const auto all = values(name);
  if (!all) return std::nullopt;
  if (all->size() != 1) {
    throw SpecError(file_, "--" + name, fmt::format("has {} values", all->size()), "give it one");
  }
  if (all->front().find('$') != std::string::npos) {
    throw SpecError(file_, "--" + name, fmt::format("'{}' is not set in this text", all->front()),
                    "put its value there, or NAME=VALUE before it");
  }
  return all->front();
}

std::optional<long> Arguments::number(const std::string& name, long low) {
  const auto word = text(name);
  if (!word) return std::nullopt;
  long value = 0;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, value);
  if (error != std::errc() || stop != end || value < low || value > (1L << 30)) {
    throw SpecError(file_, "--" + name, fmt::format("'{}' is no whole number of at least {}", *word, low),
                    fmt::format("digits, such as {}", low));
  }
  return value;
}

std::vector<std::string> Arguments::others() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : given_) {
    if (!understood_.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace moesim
