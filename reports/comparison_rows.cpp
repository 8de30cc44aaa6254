#include "reports/comparison_rows.hpp"

#include <algorithm>
#include <cctype>

#include "reports/metric.hpp"

namespace moesim {
namespace {

std::vector<std::string> parts_of(const std::string& key) {
  std::vector<std::string> parts{""};
  for (const char c : key) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// Elements of a list are their index.
std::string label_of(const std::string& part) {
  const bool is_index =
      !part.empty() && std::ranges::all_of(part, [](unsigned char c) { return std::isdigit(c) != 0; });
  return is_index ? part : metric_label(part);
}

}  // namespace

std::vector<ComparisonLine> comparison_lines(const ComparedSection& section) {
  std::vector<ComparisonLine> lines;
  std::vector<std::string> groups;
  for (const ComparedRow& row : section.rows) {
    if (row.key.starts_with('/')) {
      lines.push_back({row.key, 0, &row});
      continue;
    }
    std::vector<std::string> parts = parts_of(row.key);
    const std::string last = std::move(parts.back());
    parts.pop_back();
    const auto common = static_cast<std::size_t>(std::ranges::mismatch(parts, groups).in1 - parts.begin());
    for (std::size_t depth = common; depth < parts.size(); ++depth) {
      lines.push_back({label_of(parts[depth]), depth, nullptr});
    }
    lines.push_back({label_of(last), parts.size(), &row});
    groups = std::move(parts);
  }
  return lines;
}

}  // namespace moesim
