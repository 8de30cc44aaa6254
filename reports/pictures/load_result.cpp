#include "reports/pictures/load_result.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "sim/results/store.hpp"

namespace moesim::pictures {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRunFirst = "name a folder that `moesim run SCENARIO -o FOLDER` wrote";

std::unique_ptr<StoreReader> open_records(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw SpecError(file.string(), "", "is not there", kRunFirst);
  try {
    return std::make_unique<StoreReader>(file);
  } catch (const RunError&) {
    throw SpecError(file.string(), "", "is no record file of this version", kRunFirst);
  }
}

void require_stream(const StoreReader& reader, const LoadPicture& picture, const std::string& file) {
  std::vector<std::string> names;
  for (const LoadStream& stream : reader.load_streams()) names.push_back(stream.name);
  if (std::ranges::find(names, picture.stream) != names.end()) return;
  const std::string what = fmt::format("holds no loads of {}s ({})", picture.noun, picture.stream);
  if (names.empty())
    throw SpecError(file, "", what, "run a scenario of kind routing with -o, and report its folder");
  throw SpecError(
      file, "", what,
      fmt::format("it holds {}; the keys that record it: {}", fmt::join(names, ", "), picture.recorded));
}

std::string text_at(const nlohmann::json& summary, const nlohmann::json::json_pointer& pointer) {
  if (!summary.contains(pointer)) return {};
  const nlohmann::json& value = summary[pointer];
  return value.is_string() ? value.get<std::string>() : value.dump();
}

LoadPictureHead head_of(const StoreReader& reader, const std::string& file) {
  using Pointer = nlohmann::json::json_pointer;
  const auto summary = nlohmann::json::parse(reader.meta("summary"), nullptr, false);
  LoadPictureHead head{file, "unknown model", "no summary"};
  if (!summary.is_object()) return head;
  const std::string model = text_at(summary, Pointer("/model"));
  const std::string cluster = text_at(summary, Pointer("/cluster/name"));
  if (!model.empty()) head.model = model;
  head.subtitle = text_at(summary, Pointer("/kind"));
  if (!cluster.empty()) head.subtitle += " on " + cluster;
  head.subtitle += ", seed " + text_at(summary, Pointer("/seed"));
  return head;
}

}  // namespace

fs::path record_file(const fs::path& result) {
  std::error_code error;
  return fs::is_directory(result, error) ? result / "records.moesim" : result;
}

std::string draw_result(const LoadPicture& picture, const fs::path& result,
                        const LoadPictureOptions& options) {
  const fs::path path = record_file(result);
  const std::string file = path.string();
  const std::unique_ptr<StoreReader> reader = open_records(path);
  const auto rows = [&](std::int64_t first, std::int64_t last, const auto& visit) {
    reader->for_each_load(picture.stream, first, last, visit);
  };
  try {
    require_stream(*reader, picture, file);
    return draw_load_picture(picture, head_of(*reader, file), rows, options);
  } catch (const RunError& error) {
    throw SpecError(file, "", error.what(), kRunFirst);
  }
}

}  // namespace moesim::pictures
