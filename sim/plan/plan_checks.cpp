#include "sim/plan/plan_checks.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <numeric>

namespace moesim {
namespace {

/// Collects violations of one input.
class Checks {
 public:
  explicit Checks(const PlanInput& input) : input_(input), layout_(input.layout) {}

  std::vector<PlanError::Violation> all() {
    sizes();
    if (!found_.empty()) return std::move(found_);  // a zero divides nothing
    attention_division();
    expert_division();
    stages();
    parts();
    micro_batches();
    return std::move(found_);
  }

 private:
  void add(std::string pointer, std::string what, std::string hint) {
    found_.push_back({std::move(pointer), std::move(what), std::move(hint)});
  }

  void size(const char* pointer, std::int64_t value) {
    if (value < 1) add(pointer, fmt::format("{} is too small", value), "at least 1");
  }

  void sizes() {
    size("/layout/tp", layout_.tp);
    size("/layout/pp", layout_.pp);
    size("/layout/vpp", layout_.vpp);
    size("/layout/cp", layout_.cp);
    size("/layout/ep", layout_.ep);
    size("/layout/etp", layout_.etp);
    size("/layout/micro_batch", layout_.micro_batch);
    size("/recipe/sequence_length", input_.recipe.sequence_length);
    size("/recipe/global_batch", input_.recipe.global_batch);
    size("/cluster/num_nodes", input_.cluster.num_nodes);
    size("/cluster/gpus_per_node", input_.cluster.gpus_per_node);
    if (layout_.zero < 0 || layout_.zero > 3) {
      add("/layout/zero", fmt::format("{} is no ZeRO stage", layout_.zero), "0 to 3");
    }
  }

  [[nodiscard]] std::int64_t gpus() const { return input_.cluster.num_gpus(); }

  void attention_division() {
    const std::int64_t product = std::int64_t{layout_.tp} * layout_.cp * layout_.pp;
    divides_ = gpus() % product == 0;
    if (divides_) return;
    const std::int64_t rest = std::int64_t{layout_.tp} * layout_.cp;
    add("/layout/pp", fmt::format("tp x cp x pp = {} does not divide {} GPUs", product, gpus()),
        gpus() % rest == 0 ? fmt::format("pp {}", nearest_divisor(gpus() / rest, layout_.pp))
                           : "choose sizes whose product divides the GPUs");
  }

  void expert_division() {
    if (input_.model.num_experts == 0) {
      if (layout_.ep > 1)
        add("/layout/ep", fmt::format("ep {}, but the model has no experts", layout_.ep), "ep 1");
      return;
    }
    const int experts = input_.model.num_experts;
    const std::int64_t per_stage = gpus() / layout_.pp;
    if (layout_.ep > experts) {
      add("/layout/ep", fmt::format("ep {} is larger than the {} experts", layout_.ep, experts),
          fmt::format("at most ep {}", experts));
    } else if (experts % layout_.ep != 0) {
      add("/layout/ep", fmt::format("ep {} does not divide {} experts", layout_.ep, experts),
          fmt::format("ep {}", nearest_divisor(experts, layout_.ep)));
    }
    if (divides_ && per_stage % (std::int64_t{layout_.etp} * layout_.ep) != 0) {
      add("/layout/ep",
          fmt::format("etp x ep = {} does not divide the {} GPUs of a pipeline rank",
                      std::int64_t{layout_.etp} * layout_.ep, per_stage),
          per_stage % layout_.etp == 0
              ? fmt::format("ep {}", nearest_divisor(std::gcd(per_stage / layout_.etp, experts), layout_.ep))
              : "choose sizes whose product divides them");
    }
  }

  void stages() {
    const int layers = input_.model.num_layers;
    if (layout_.vpp > 1) {
      add("/layout/vpp",
          fmt::format("vpp {}, but {} has one stage per direction on a rank", layout_.vpp,
                      to_string(layout_.schedule)),
          "vpp 1");
    }
    if (layout_.stage_layers.empty()) {
      if (layout_.pp > layers) {
        add("/layout/pp", fmt::format("{} pipeline ranks for {} layers", layout_.pp, layers),
            fmt::format("at most pp {}", layers));
      }
      return;
    }
    const auto given = static_cast<int>(layout_.stage_layers.size());
    if (given != layout_.pp) {
      add("/layout/stage_layers", fmt::format("{} stages for {} pipeline ranks", given, layout_.pp),
          "one number of layers per rank");
    }
    const auto sum =
        std::accumulate(layout_.stage_layers.begin(), layout_.stage_layers.end(), std::int64_t{0});
    if (sum != layers) {
      add("/layout/stage_layers", fmt::format("{} layers in all; the model has {}", sum, layers),
          "leave it out for a balanced assignment");
    }
  }

  void parts() {
    const ModelSpec& model = input_.model;
    if (model.num_heads % layout_.tp != 0) {
      add("/layout/tp", fmt::format("tp {} does not divide {} heads", layout_.tp, model.num_heads),
          fmt::format("tp {}", nearest_divisor(model.num_heads, layout_.tp)));
    }
    if (model.num_experts > 0 && model.expert_intermediate % layout_.etp != 0) {
      add("/layout/etp",
          fmt::format("etp {} does not divide an expert's width {}", layout_.etp, model.expert_intermediate),
          fmt::format("etp {}", nearest_divisor(model.expert_intermediate, layout_.etp)));
    }
    const std::int64_t pieces = std::int64_t{layout_.cp} * layout_.tp;
    if (input_.recipe.sequence_length % pieces != 0) {
      add("/recipe/sequence_length",
          fmt::format("cp x tp = {} does not divide {} tokens", pieces, input_.recipe.sequence_length),
          fmt::format("a multiple of {}", pieces));
    }
  }

  void micro_batches() {
    if (!divides_) return;
    const std::int64_t dp = gpus() / (std::int64_t{layout_.tp} * layout_.cp * layout_.pp);
    const std::int64_t step = dp * layout_.micro_batch;
    const std::int64_t batch = input_.recipe.global_batch;
    if (batch % step != 0) {
      const std::int64_t near = batch < step ? step : batch / step * step;
      add("/recipe/global_batch",
          fmt::format("{} sequences do not divide over {} replicas x micro-batch {}", batch, dp,
                      layout_.micro_batch),
          fmt::format("{} sequences", near));
      return;
    }
    const std::int64_t count = batch / step;
    const int shown = static_cast<int>(std::min<std::int64_t>(count, 1 << 30));
    const auto issue = violation(layout_.schedule, layout_.pp, shown);
    if (!issue) return;
    add(layout_.pp % 2 != 0 ? "/layout/pp" : "/recipe/global_batch", *issue, fallback(step, count));
  }

  /// What runs with this batch instead.
  [[nodiscard]] std::string fallback(std::int64_t step, std::int64_t count) const {
    const auto wanted = 2 * layout_.pp;
    if (layout_.schedule != ScheduleKind::dualpipe) return "choose another pp or global_batch";
    if (layout_.pp % 2 != 0) return "an even pp, or schedule \"1f1b\"";
    std::string hint = "schedule \"1f1b\"";
    if (count < wanted) {
      const std::int64_t dp = step / layout_.micro_batch;
      const std::int64_t most = input_.recipe.global_batch / (std::int64_t{wanted} * layout_.micro_batch);
      for (std::int64_t fewer = std::min(most, dp); fewer >= 1; --fewer) {
        const std::int64_t even = 2 * fewer * layout_.micro_batch;
        if (dp % fewer != 0 || input_.recipe.global_batch % even != 0) continue;
        hint += fmt::format(", or {} replicas ({} GPUs)", fewer, gpus() / dp * fewer);
        break;
      }
    }
    return hint + fmt::format(", or {} sequences", step * std::max<std::int64_t>(wanted, count + count % 2));
  }

  /// The divisor of `number` that is nearest to `wanted`, the smaller of equals.
  static std::int64_t nearest_divisor(std::int64_t number, std::int64_t wanted) {
    for (std::int64_t distance = 0; distance < number; ++distance) {
      if (wanted - distance >= 1 && number % (wanted - distance) == 0) return wanted - distance;
      if (wanted + distance <= number && number % (wanted + distance) == 0) return wanted + distance;
    }
    return wanted < 1 ? 1 : number;
  }

  const PlanInput& input_;
  const Layout& layout_;
  bool divides_ = false;
  std::vector<PlanError::Violation> found_;
};

}  // namespace

std::vector<PlanError::Violation> find_layout_violations(const PlanInput& input) {
  return Checks(input).all();
}

int microbatches_of(const PlanInput& input) {
  const Layout& layout = input.layout;
  const int dp = input.cluster.num_gpus() / (layout.tp * layout.cp * layout.pp);
  return static_cast<int>(input.recipe.global_batch / (std::int64_t{dp} * layout.micro_batch));
}

std::vector<StageContent> stages_of(const PlanInput& input) {
  if (!input.layout.stage_layers.empty()) return assign_stages(input.model, input.layout.stage_layers);
  const LayerTimes times =
      input.layer_times.value_or(layer_times_by_flops(input.model, input.recipe.sequence_length));
  return balance_stages(input.model, input.layout.schedule, input.layout.pp, times);
}

MemoryPlan memory_of(const PlanInput& input) {
  const auto stages = stages_of(input);
  const MemoryInput memory{input.model, input.layout,  input.recipe,
                           stages,      input.cluster, microbatches_of(input)};
  return plan_memory(memory, input.cluster.gpu_memory, input.memory_reserve);
}

}  // namespace moesim
