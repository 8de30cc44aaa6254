// The text of a profile whose tables are long.
#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "calib/profile/profile_text.hpp"

namespace moesim {

namespace {

constexpr std::size_t kLineWidth = 118;

/// The rows of a table, as many on a line as fit.
std::string rows_text(const EntryTable& table) {
  std::string out;
  std::string line;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    std::string row = fmt::format("[{}]", fmt::join(table.rows[i], ","));
    if (i + 1 < table.rows.size()) row += ',';
    if (!line.empty() && line.size() + row.size() > kLineWidth) {
      out += line + '\n';
      line.clear();
    }
    line += row;
  }
  return out + line;
}

std::string table_text(const EntryTable& table) {
  EntryTable head = table;
  head.rows.clear();
  std::string text = write_json(write_spec(head), -1);
  text.resize(text.rfind("\"rows\""));
  return text + "\"rows\":[\n" + rows_text(table) + "\n]}";
}

}  // namespace

std::string profile_text(const ProfileFile& profile) {
  ProfileFile head = profile;
  head.tables.clear();
  Json document = write_spec(head);
  document.erase("tables");
  std::string text = write_json(document);
  text.resize(text.rfind('}'));
  while (text.ends_with('\n')) text.pop_back();
  text += ",\n  \"tables\": [\n";
  for (std::size_t i = 0; i < profile.tables.size(); ++i)
    text += table_text(profile.tables[i]) + (i + 1 < profile.tables.size() ? ",\n" : "\n");
  return text + "  ]\n}\n";
}

}  // namespace moesim
