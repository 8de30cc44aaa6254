#include "tests/sim_planner_search/training_spaces.hpp"

#include "base/file.hpp"

namespace moesim::tests {
namespace {

/// An axis of /layout.
Axis axis(const std::string& key, const Json& values) {
  return {"/layout/" + key, values.get<std::vector<Json>>()};
}

Json words(std::initializer_list<const char*> list) {
  Json out = Json::array();
  for (const char* word : list) out.push_back(word);
  return out;
}

/// A step with fewer micro-batches is quicker to replay.
void divide_batch(LayoutSpace& space, int by) {
  Json& batch = space.scenario["recipe"]["global_batch"];
  batch = batch.get<int>() / by;
}

}  // namespace

LayoutSpace shipped_space(const std::string& scenario) {
  LayoutSpace space;
  space.name = scenario;
  space.file = find_data("workloads/scenarios/" + scenario + ".json").string();
  space.scenario = read_json_file(space.file);
  space.search.explains = false;
  space.search.threads = 2;
  return space;
}

LayoutSpace deepseek_v3_space(SpaceSize size) {
  LayoutSpace space = shipped_space("deepseek-v3-pretrain-2048xh800");
  std::vector<Axis>& axes = space.search.axes;
  const Json some = words({"rms_norm", "mla_up_projection"});
  const Json more = words({"rms_norm", "swiglu", "mla_up_projection"});
  axes = {axis("pp", {8, 16, 32}), axis("ep", {32, 64, 128})};
  if (size == SpaceSize::quick) {
    divide_batch(space, 2);
    axes.push_back(axis("schedule", words({"1f1b", "zb1p", "dualpipe"})));
    axes.push_back(axis("micro_batch", {1, 2}));
    axes.push_back(axis("recompute", {some, more, words({"full"})}));
    return space;
  }
  axes.push_back(axis("tp", {1, 2, 4, 8}));
  axes.push_back(axis("schedule", words({"1f1b", "1f1b_overlap", "zb1p", "zbv", "dualpipe", "dualpipev"})));
  axes.push_back(axis("micro_batch", {1, 2}));
  axes.push_back(axis("recompute", {Json::array(), some, more, words({"full"})}));
  return space;
}

LayoutSpace deepseek_v2_space(SpaceSize size) {
  LayoutSpace space = shipped_space("deepseek-v2-pretrain-h800");
  space.search.objective = Objective::cost;
  std::vector<Axis>& axes = space.search.axes;
  const Json some = words({"rms_norm", "mla_up_projection", "swiglu"});
  axes = {axis("ep", {8, 16, 32}), axis("recompute", {some, words({"full"})})};
  if (size == SpaceSize::quick) {
    divide_batch(space, 9);
    axes.push_back(axis("pp", {4, 8, 16}));
    axes.push_back(axis("zero", {0, 1}));
    axes.push_back(axis("schedule", words({"1f1b", "zb1p"})));
    axes.push_back(axis("micro_batch", {1, 2}));
    return space;
  }
  axes.push_back(axis("pp", {2, 4, 8, 16}));
  axes.push_back(axis("schedule", words({"1f1b", "interleaved_1f1b", "zb1p", "zbv"})));
  axes.push_back(axis("vpp", {1, 2}));
  axes.push_back(axis("micro_batch", {1, 2, 4}));
  axes.push_back(axis("zero", {0, 1}));
  return space;
}

LayoutSpace mixtral_space(SpaceSize size) {
  LayoutSpace space = shipped_space("mixtral-8x22b-128xh100");
  space.search.objective = Objective::latency;
  std::vector<Axis>& axes = space.search.axes;
  axes = {axis("tp", {1, 2, 4, 8}), axis("pp", {2, 4, 8}), axis("ep", {2, 4, 8})};
  if (size == SpaceSize::quick) {
    divide_batch(space, 8);
    axes.push_back(axis("etp", {1, 2, 4}));
    axes.push_back(axis("schedule", words({"1f1b", "zb1p"})));
    axes.push_back(axis("vpp", {1}));
    return space;
  }
  axes.push_back(axis("etp", {1, 2, 4}));
  axes.push_back(axis("vpp", {1, 2, 7}));
  axes.push_back(axis("schedule", words({"1f1b", "interleaved_1f1b"})));
  axes.push_back(axis("micro_batch", {1, 2}));
  return space;
}

LayoutSpace qwen3_space(SpaceSize size) {
  LayoutSpace space = shipped_space("qwen3-235b-256xh100");
  space.search.objective = Objective::energy;
  std::vector<Axis>& axes = space.search.axes;
  const Json some = words({"rms_norm", "swiglu"});
  axes = {axis("tp", {1, 2, 4}), axis("ep", {8, 16, 32}), axis("recompute", {some, words({"full"})})};
  if (size == SpaceSize::quick) {
    divide_batch(space, 8);
    axes.push_back(axis("pp", {4, 8}));
    axes.push_back(axis("vpp", {2, 4}));
    return space;
  }
  axes.push_back(axis("pp", {2, 4, 8, 16}));
  axes.push_back(axis("vpp", {1, 2, 4}));
  axes.push_back(axis("schedule", words({"1f1b", "interleaved_1f1b", "zb1p"})));
  axes.push_back(axis("micro_batch", {1, 2}));
  return space;
}

LayoutSpace dense_space(SpaceSize size) {
  LayoutSpace space = shipped_space("deepseek-67b-pretrain-h800");
  space.search.limits = {read_limit("bubble<=0.5", training_limit_names(), "")};
  std::vector<Axis>& axes = space.search.axes;
  axes = {axis("tp", {1, 2, 4, 8}), axis("pp", {2, 4, 8, 16})};
  if (size == SpaceSize::quick) {
    divide_batch(space, 9);
    axes.push_back(axis("micro_batch", {1, 2}));
    axes.push_back(axis("schedule", words({"1f1b", "zb1p"})));
    axes.push_back(axis("recompute", {Json::array(), words({"swiglu"})}));
    return space;
  }
  axes.push_back(axis("schedule", words({"1f1b", "interleaved_1f1b", "zb1p", "zbv"})));
  axes.push_back(axis("vpp", {1, 2}));
  axes.push_back(axis("micro_batch", {1, 2, 4}));
  axes.push_back(axis("recompute", {Json::array(), words({"swiglu"}), words({"full"})}));
  return space;
}

}  // namespace moesim::tests
