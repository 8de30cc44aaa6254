#include "base/error.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace moesim {
namespace {

std::string with_hint(std::string text, const std::string& hint) {
  return hint.empty() ? text : text + "; " + hint;
}

std::string located(const std::string& file, const std::string& pointer, const std::string& what,
                    const std::string& hint) {
  std::string text;
  if (!file.empty()) text += file + ": ";
  if (!pointer.empty()) text += pointer + ": ";
  return with_hint(text + what, hint);
}

std::string joined(const std::vector<PlanError::Violation>& violations) {
  std::string text;
  for (const auto& violation : violations) {
    if (!text.empty()) text += '\n';
    text += located("", violation.pointer, violation.what, violation.hint);
  }
  return text;
}

template <class Word>
std::string nearest_of(std::string_view word, std::span<const Word> candidates) {
  std::string_view best;
  std::size_t best_distance = word.size() + 1;
  for (std::string_view candidate : candidates) {
    const std::size_t allowed = std::max<std::size_t>(1, std::max(word.size(), candidate.size()) / 3);
    const std::size_t distance = edit_distance(word, candidate);
    if (distance <= allowed && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return std::string(best);
}

}  // namespace

LocatedError::LocatedError(std::string file_, std::string pointer_, std::string what_, std::string hint_)
    : std::runtime_error(located(file_, pointer_, what_, hint_)),
      file(std::move(file_)),
      pointer(std::move(pointer_)),
      what_text(std::move(what_)),
      hint(std::move(hint_)) {}

PlanError::PlanError(std::vector<Violation> all)
    : std::runtime_error(joined(all)), violations(std::move(all)) {}

OutputError::OutputError(std::string path_, std::string what_, std::string hint_)
    : std::runtime_error(located(path_, "", what_, hint_)),
      path(std::move(path_)),
      what_text(std::move(what_)),
      hint(std::move(hint_)) {}

UnitError::UnitError(const std::string& what, std::string hint_)
    : std::runtime_error(what), hint(std::move(hint_)) {}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // row i - 2
  std::vector<std::size_t> last(b.size() + 1);    // row i - 1
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  return nearest_of(word, candidates);
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  return nearest_of(word, candidates);
}

}  // namespace moesim
