#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>

#include "base/file.hpp"

namespace moesim {
namespace fs = std::filesystem;
namespace {

bool stays_inside(const fs::path& relative) {
  return relative.is_relative() && std::ranges::find(relative, fs::path("..")) == relative.end();
}

}  // namespace

std::vector<fs::path> data_roots() {
  std::vector<fs::path> wanted;
  if (const char* variable = std::getenv("MOESIM_DATA"); variable != nullptr && *variable != '\0') {
    wanted.emplace_back(variable);
  }
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) wanted.push_back(executable.parent_path().parent_path() / "share" / "moesim");
  wanted.emplace_back(MOESIM_SOURCE_DIR);
  std::erase_if(wanted, [](const fs::path& root) {
    std::error_code ignored;
    return !fs::is_directory(root, ignored);
  });
  return wanted;
}

fs::path find_data(std::string_view relative) {
  const std::vector<fs::path> roots = data_roots();
  std::string searched;
  for (const fs::path& root : roots) {
    std::error_code error;
    if (stays_inside(relative) && fs::exists(root / relative, error)) return root / relative;
    searched += (searched.empty() ? "" : ", ") + root.string();
  }
  throw SpecError(std::string(relative), "", "is no shipped data (searched " + searched + ")",
                  "set MOESIM_DATA to the folder that holds it");
}

std::vector<std::string> list_data(std::string_view folder, std::string_view extension) {
  std::set<std::string> names;
  if (!stays_inside(folder)) return {};
  for (const fs::path& root : data_roots()) {
    std::error_code error;
    for (fs::directory_iterator entry(root / folder, error), end; !error && entry != end;
         entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (name.ends_with(extension) && !name.starts_with('.')) names.insert(std::move(name));
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace moesim
