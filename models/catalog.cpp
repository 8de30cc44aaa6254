#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "models/model_spec.hpp"

namespace moesim {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kCatalog = "models/catalog";
constexpr std::string_view kExtension = ".json";

bool is_hugging_face(const Json& document) {
  for (const char* key : {"model_type", "architectures", "hidden_size", "num_hidden_layers"}) {
    if (document.is_object() && document.contains(key)) return true;
  }
  return false;
}

[[noreturn]] void fail_unknown(const std::string& name, const std::string& file, const std::string& pointer) {
  const auto names = catalog_names();
  const std::string near = nearest(name, names);
  throw SpecError(file, pointer, fmt::format("no model is called \"{}\"", name),
                  near.empty()
                      ? fmt::format("known: {}; or a path that ends in .json", fmt::join(names, ", "))
                      : fmt::format("did you mean \"{}\"?", near));
}

}  // namespace

std::vector<std::string> catalog_names() {
  auto names = list_data(kCatalog, kExtension);
  for (std::string& name : names) name.resize(name.size() - kExtension.size());
  std::sort(names.begin(), names.end());  // a name may be the beginning of another
  return names;
}

ModelSpec read_model(const Json& document, const std::string& file) {
  if (is_hugging_face(document)) return read_hugging_face_config(document, file);
  return read_spec<ModelSpec>(document, file);
}

ModelSpec load_model(std::string_view name_or_path, const std::string& file, const std::string& pointer) {
  const std::string name(name_or_path);
  if (name.ends_with(kExtension)) {
    const fs::path path = fs::path(file).parent_path() / name;
    return read_model(read_json_file(path), path.string());
  }
  const auto names = catalog_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) fail_unknown(name, file, pointer);
  const fs::path path = find_data(fmt::format("{}/{}{}", kCatalog, name, kExtension));
  return read_model(read_json_file(path), path.string());
}

}  // namespace moesim
