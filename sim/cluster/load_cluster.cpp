#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/cluster/price_spec.hpp"

namespace moesim {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kCatalog = "sim/cluster/catalog";

struct Document {
  Json json;
  std::string file;
};

constexpr const char* kPrice = "price";

/// Puts the whole price in place of its name. Relative to `file`, which says it.
void name_price(Json& cluster, const std::string& file, const std::string& pointer) {
  if (!cluster.is_object() || !cluster.contains(kPrice)) return;
  cluster[kPrice] = price_document(cluster[kPrice], file, child_pointer(pointer, kPrice));
}

Document read_named(const std::string& name, const std::string& file, const std::string& pointer) {
  if (name.ends_with(".json")) {
    const fs::path path = fs::path(file).parent_path() / name;
    Document document{read_json_file(path), path.string()};
    name_price(document.json, document.file, "");
    return document;
  }
  const auto names = cluster_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const std::string near = nearest(name, names);
    throw SpecError(file, pointer, fmt::format("no cluster is called \"{}\"", name),
                    near.empty() ? fmt::format("known: {}", fmt::join(names, ", "))
                                 : fmt::format("did you mean \"{}\"?", near));
  }
  const fs::path path = find_data(fmt::format("{}/{}.json", kCatalog, name));
  return {read_json_file(path), path.string()};
}

/// h800-2048 at 16 nodes of 8 is h800-128: a GPU count at the end of a name follows the nodes.
std::string resized_name(const std::string& name, int old_gpus, int new_gpus) {
  const std::string suffix = fmt::format("-{}", old_gpus);
  const bool counted = name.ends_with(suffix);
  return fmt::format("{}-{}", counted ? name.substr(0, name.size() - suffix.size()) : name, new_gpus);
}

ClusterSpec derive(const Json& value, const std::string& file, const std::string& pointer) {
  const Json& base_name = value.at("base");
  const std::string base_pointer = child_pointer(pointer, "base");
  if (!base_name.is_string()) {
    throw SpecError(file, base_pointer, "not a text", "name a cluster, e.g. \"h800-2048\"");
  }
  Document base = read_named(base_name.get<std::string>(), file, base_pointer);
  const auto original = read_spec<ClusterSpec>(base.json, base.file);
  Json changes = value;
  changes.erase("base");
  for (const auto& [key, change] : changes.items()) {
    if (change.is_null()) throw SpecError(file, child_pointer(pointer, key), "null", "leave the key out");
  }
  name_price(changes, file, pointer);
  if (changes.contains(kPrice)) base.json.erase(kPrice);  // merged they would be rented and owned at once
  base.json.merge_patch(changes);
  auto cluster = read_spec<ClusterSpec>(base.json, file, pointer);
  if (!changes.contains("name") && cluster.num_gpus() != original.num_gpus()) {
    cluster.name = resized_name(original.name, original.num_gpus(), cluster.num_gpus());
  }
  return cluster;
}

}  // namespace

std::vector<std::string> cluster_names() {
  auto names = list_data(kCatalog, ".json");
  for (std::string& name : names) name = name.substr(0, name.find_last_of('.'));
  return names;
}

ClusterSpec load_cluster(const Json& value, const std::string& file, const std::string& pointer) {
  if (value.is_string()) {
    const Document named = read_named(value.get<std::string>(), file, pointer);
    return read_spec<ClusterSpec>(named.json, named.file);
  }
  if (value.is_object() && value.contains("base")) return derive(value, file, pointer);
  Json whole = value;
  name_price(whole, file, pointer);
  return read_spec<ClusterSpec>(whole, file, pointer);
}

ClusterSpec load_cluster(std::string_view name_or_path) {
  return load_cluster(Json(std::string(name_or_path)), "", "");
}

}  // namespace moesim
