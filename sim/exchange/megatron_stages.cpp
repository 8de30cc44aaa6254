#include "sim/exchange/megatron_stages.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

constexpr const char* kText = "pipeline-model-parallel-layout";
constexpr const char* kFirst = "decoder-first-pipeline-num-layers";
constexpr const char* kLast = "decoder-last-pipeline-num-layers";
constexpr std::size_t kMostParts = 1 << 14;

[[noreturn]] void refuse(const Arguments& arguments, const std::string& name, const std::string& what,
                         const std::string& hint = "") {
  throw SpecError(arguments.file(), "--" + name, what, hint);
}

/// "Et*3|(tt|)*2,m|L" written out: "Ettt|tt|tt|m|L".
class Layout {
 public:
  Layout(const Arguments& arguments, const std::string& text) : arguments_(arguments), text_(text) {}
  std::string expanded() {
    std::string out = group();
    if (at_ < text_.size()) refuse(arguments_, kText, fmt::format("'{}' has a ')' too many", text_));
    return out;
  }

 private:
  /// Up to its ')' or the end.
  std::string group() {
    std::string out;
    while (at_ < text_.size() && text_[at_] != ')') {
      const char c = text_[at_++];
      std::string one(1, c);
      if (c == '(') {
        one = group();
        if (at_++ >= text_.size()) refuse(arguments_, kText, fmt::format("'{}' lacks a ')'", text_));
      } else if (c == ',' || c == ' ') {
        continue;
      } else if (std::string("EtmL|").find(c) == std::string::npos) {
        refuse(arguments_, kText, fmt::format("'{}' has '{}', which is none of E, t, m, L and |", text_, c));
      }
      const long times = repeats();
      for (long i = 0; i < times; ++i) out += one;
      if (out.size() > kMostParts) refuse(arguments_, kText, "is too long");
    }
    return out;
  }
  long repeats() {
    if (at_ >= text_.size() || text_[at_] != '*') return 1;
    long times = 0;
    const auto [stop, error] = std::from_chars(text_.data() + at_ + 1, text_.data() + text_.size(), times);
    if (error != std::errc() || times < 1 || times > 4096)
      refuse(arguments_, kText, fmt::format("'{}' has a '*' without a number", text_));
    at_ = static_cast<std::size_t>(stop - text_.data());
    return times;
  }

  const Arguments& arguments_;
  const std::string& text_;
  std::size_t at_ = 0;
};

std::vector<long> stages_of(const Arguments& arguments, const std::string& text, const ModelSpec& model) {
  const std::string all = Layout(arguments, text).expanded();
  std::vector<long> layers{0};
  for (const char c : all) {
    if (c == '|') layers.push_back(0);
    if (c == 't') ++layers.back();
  }
  if (!all.starts_with('E') || !all.ends_with('L') || std::ranges::count(all, 'E') != 1 ||
      std::ranges::count(all, 'L') != 1)
    refuse(arguments, kText, "is not one embedding E first and one loss L last");
  const long sum = std::accumulate(layers.begin(), layers.end(), 0L);
  if (sum != model.num_layers)
    refuse(arguments, kText, fmt::format("{} layers in all; {} has {}", sum, model.name, model.num_layers));
  if (std::ranges::count(all, 'm') != model.mtp_depth)
    refuse(arguments, kText,
           fmt::format("{} m; {} has {}", std::ranges::count(all, 'm'), model.name, model.mtp_depth));
  const std::size_t last = all.rfind('|');
  if (all.find('m') < (last == std::string::npos ? 0 : last))
    refuse(arguments, kText, "multi-token prediction before the last stage is not modelled", "m beside L");
  return layers;
}

/// The nearest number of layers of a virtual stage that fits, where one does.
std::string stage_hint(long pp, long layers, const ModelSpec& model) {
  for (long away = 1; away < std::max<long>(layers, model.num_layers); ++away) {
    for (const long other : {layers - away, layers + away}) {
      if (other > 0 && model.num_layers % (pp * other) == 0) return fmt::format("{}", other);
    }
  }
  return fmt::format("--{} cuts layers unevenly", kText);
}

long virtual_stages(Arguments& arguments, long pp, const ModelSpec& model) {
  const auto layers = arguments.number("num-layers-per-virtual-pipeline-stage");
  if (const auto stages = arguments.number("num-virtual-stages-per-pipeline-rank")) return *stages;
  if (!layers) return 1;
  if (model.num_layers % (pp * *layers) != 0)
    refuse(arguments, "num-layers-per-virtual-pipeline-stage",
           fmt::format("{} x {} does not divide {} layers", pp, *layers, model.num_layers),
           stage_hint(pp, *layers, model));
  return model.num_layers / (pp * *layers);
}

/// Layers of each stage where the first and last rank have numbers of their own.
std::vector<long> uneven(Arguments& arguments, long pp, long vpp, const ModelSpec& model) {
  const auto first = arguments.number(kFirst);
  const auto last = arguments.number(kLast);
  const long others = pp - (first ? 1 : 0) - (last ? 1 : 0);
  const long rest = model.num_layers - first.value_or(0) - last.value_or(0);
  const char* name = first ? kFirst : kLast;
  if (others < 0 || rest < 0 || (others == 0 ? rest != 0 : rest % others != 0))
    refuse(arguments, name, fmt::format("leaves {} layers for {} ranks", rest, others), "an even rest");
  std::vector<long> ranks(static_cast<std::size_t>(pp), others == 0 ? 0 : rest / others);
  if (first) ranks.front() = *first;
  if (last) ranks.back() = *last;
  std::vector<long> stages;
  for (long chunk = 0; chunk < vpp; ++chunk) {
    for (const long layers : ranks) {
      if (layers % vpp != 0)
        refuse(arguments, name, fmt::format("{} layers of a rank do not divide into {} stages", layers, vpp));
      stages.push_back(layers / vpp);
    }
  }
  return stages;
}

}  // namespace

void add_megatron_stages(Arguments& arguments, const ModelSpec& model, long pp, Json& layout) {
  long vpp = virtual_stages(arguments, pp, model);
  const auto text = arguments.text(kText);
  const bool has_ends = arguments.has(kFirst) || arguments.has(kLast);
  std::vector<long> stages;
  if (text) {
    if (has_ends || vpp > 1)
      refuse(arguments, kText, "stands beside another argument that cuts the model into stages", "give one");
    stages = stages_of(arguments, *text, model);
    const auto num_stages = static_cast<long>(stages.size());
    if (num_stages % pp != 0)
      refuse(arguments, kText, fmt::format("{} stages are no multiple of {} ranks", num_stages, pp));
    vpp = num_stages / pp;
  } else if (has_ends) {
    stages = uneven(arguments, pp, vpp, model);
  }
  if (vpp > 1) layout["vpp"] = vpp;
  if (!stages.empty()) layout["stage_layers"] = stages;
}

std::string megatron_stage_text(const Json& stage_layers, int mtp_depth) {
  std::string text = "E";
  for (std::size_t s = 0; s < stage_layers.size(); ++s) {
    if (s > 0) text += '|';
    text += std::string(stage_layers[s].get<std::size_t>(), 't');
  }
  return text + std::string(static_cast<std::size_t>(mtp_depth), 'm') + 'L';
}

}  // namespace moesim
