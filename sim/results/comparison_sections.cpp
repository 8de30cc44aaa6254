#include "sim/results/comparison_sections.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

/// The member of an object; null where there is none.
const Json& member(const Json& object, std::string_view key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(std::string(key));
  return found == object.end() ? kNothing : *found;
}

ComparedValue scalar_value(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string joined_text(const Json& array) {
  std::string text;
  for (const Json& element : array) {
    text += (text.empty() ? "" : ", ") + (element.is_string() ? element.get<std::string>() : element.dump());
  }
  return text.empty() ? "none" : text;
}

/// How keys of nested values are built.
enum class Path { dotted, pointer };

std::string below(const std::string& key, const std::string& part, Path path) {
  if (path == Path::pointer) return child_pointer(key, part);
  return key.empty() ? part : key + '.' + part;
}

/// Every scalar below `value`. As pointers, an array of scalars is one value.
void flatten(const Json& value, const std::string& key, Path path, KeyedValues& out) {
  const bool is_list = value.is_array() && std::ranges::none_of(value, &Json::is_structured);
  if (is_list && path == Path::pointer) {
    out.emplace_back(key, joined_text(value));
  } else if (value.is_structured()) {
    for (const auto& [part, child] : value.items()) flatten(child, below(key, part, path), path, out);
  } else {
    out.emplace_back(key, scalar_value(value));
  }
}

/// Beginnings of the summary's keys that a section of their own holds.
constexpr std::array<std::string_view, 4> kTimeKeys{"phases", "bubble", "exposed", "layer_pair"};
constexpr std::string_view kMemoryKey = "memory";

bool begins_with_any(std::string_view key, std::span<const std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](std::string_view text) { return key.starts_with(text); });
}

template <class Chosen>
KeyedValues summary_where(const ComparedResult& result, const Chosen& chosen) {
  KeyedValues out;
  for (const auto& [key, value] : member(*result.result, "summary").items()) {
    if (chosen(std::string_view(key))) flatten(value, key, Path::dotted, out);
  }
  return out;
}

KeyedValues identity(const ComparedResult& result) {
  const Json& document = *result.result;
  const Json& model = member(document, "model");
  const Json& cluster = member(document, "cluster");
  const Json& engine = member(document, "engine");
  return {{"model", scalar_value(model.is_object() ? member(model, "name") : model)},
          {"cluster", scalar_value(member(cluster, "name"))},
          {"gpus", scalar_value(member(cluster, "gpus"))},
          {"nodes", scalar_value(member(cluster, "nodes"))},
          {"engine", scalar_value(member(engine, "name"))},
          {"simulated_gpus", scalar_value(member(engine, "num_gpus"))},
          {"operations", scalar_value(member(engine, "num_operations"))},
          {"seed", scalar_value(member(document, "seed"))},
          {"moesim_version", scalar_value(member(document, "moesim_version"))}};
}

KeyedValues summary(const ComparedResult& result) {
  return summary_where(result, [](std::string_view key) {
    return !begins_with_any(key, kTimeKeys) && !key.starts_with(kMemoryKey);
  });
}

KeyedValues time(const ComparedResult& result) {
  return summary_where(result, [](std::string_view key) { return begins_with_any(key, kTimeKeys); });
}

void add_steps(const Json& steps, const std::string& prefix, KeyedValues& out) {
  if (!steps.is_array()) return;
  for (const Json& step : steps) {
    const Json& name = member(step, "name");
    if (name.is_string())
      out.emplace_back(prefix + name.get<std::string>() + "_s", scalar_value(member(step, "seconds")));
  }
}

/// Of a step, or of a step of each pool.
KeyedValues waterfall(const ComparedResult& result) {
  KeyedValues out;
  const Json& steps = member(*result.result, "waterfall");
  add_steps(steps, "", out);
  if (!steps.is_object()) return out;
  for (const auto& [pool, of_pool] : steps.items()) add_steps(of_pool, pool + '.', out);
  return out;
}

/// The rank that holds most; null where the plan is not known.
const Json& fullest_rank(const Json& memory) {
  static const Json kNothing;
  const Json& ranks = member(memory, "ranks");
  const Json* fullest = &kNothing;
  double most = -1;
  if (!ranks.is_array()) return kNothing;
  for (const Json& rank : ranks) {
    const Json& total = member(rank, "total_B");
    if (!total.is_number() || total.get<double>() <= most) continue;
    most = total.get<double>();
    fullest = &rank;
  }
  return *fullest;
}

KeyedValues memory(const ComparedResult& result) {
  KeyedValues out = summary_where(result, [](std::string_view key) { return key.starts_with(kMemoryKey); });
  if (result.memory == nullptr) return out;
  for (const std::string_view key : {"capacity_B", "reserve_B"}) {
    out.emplace_back(std::string(key), scalar_value(member(*result.memory, key)));
  }
  const Json& rank = fullest_rank(*result.memory);
  out.emplace_back("microbatches_in_flight", scalar_value(member(rank, "microbatches_in_flight")));
  const Json& items = member(rank, "items_B");
  if (items.is_object()) flatten(items, "items_B", Path::dotted, out);
  return out;
}

KeyedValues inputs(const ComparedResult& result) {
  KeyedValues out;
  for (const auto& [key, value] : member(*result.result, "scenario").items()) {
    if (key != "published") flatten(value, child_pointer("", key), Path::pointer, out);
  }
  return out;
}

KeyedValues provenance(const ComparedResult& result) {
  KeyedValues out;
  const Json& shares = member(*result.result, "provenance");
  if (!shares.is_object()) return out;
  for (const auto& [origin, share] : shares.items())
    out.emplace_back(origin + "_fraction", scalar_value(share));
  return out;
}

KeyedValues uncertainty(const ComparedResult& result) {
  KeyedValues out;
  const Json& intervals = member(*result.result, "uncertainty");
  if (intervals.is_structured()) flatten(intervals, "", Path::dotted, out);
  return out;
}

constexpr std::array<SectionRule, 8> kSections{{
    {"results", "results", false, false, identity},
    {"summary", "summary", true, false, summary},
    {"time", "where time goes", true, false, time},
    {"waterfall", "waterfall", true, false, waterfall},
    {"memory", "memory of a GPU", true, false, memory},
    {"inputs", "inputs that differ", false, true, inputs},
    {"provenance", "origin of the simulated time", false, false, provenance},
    {"uncertainty", "uncertainty", false, false, uncertainty},
}};

}  // namespace

std::span<const SectionRule> comparison_sections() {
  return kSections;
}

}  // namespace moesim
