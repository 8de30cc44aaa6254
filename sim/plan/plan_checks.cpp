#include "sim/plan/plan_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>

namespace moesim {
namespace {

/// Above what any schedule takes.
constexpr std::int64_t kMostMicrobatches = 1 << 16;

/// Collects violations of one input.
class Checks {
 public:
  explicit Checks(const PlanInput& input) : input_(input), layout_(input.layout) {}

  std::vector<PlanError::Violation> all() {
    sizes();
    if (!found_.empty()) return std::move(found_);  // a zero divides nothing
    virtual_stages();
    pipeline();
    expert_division();
    const auto choices = find_choice_violations(input_, pp_);
    found_.insert(found_.end(), choices.begin(), choices.end());
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

  [[nodiscard]] std::int64_t gpus_per_pipeline_rank() const { return std::int64_t{layout_.tp} * layout_.cp; }

  /// Whether another pipeline size would do.
  [[nodiscard]] bool runs(std::int64_t pp) const {
    const bool fits = !layout_.stage_layers.empty() || stages_with(pp) <= input_.model.num_layers;
    return fits && gpus() % (gpus_per_pipeline_rank() * pp) == 0 && !pipeline_violation(pp);
  }

  /// What the schedule says of a size, whatever the batch is.
  [[nodiscard]] std::optional<std::string> pipeline_violation(std::int64_t pp) const {
    const auto ranks = static_cast<int>(pp);
    return violation({layout_.schedule, ranks, 2 * ranks, vpp_});
  }

  [[nodiscard]] std::int64_t stages_with(std::int64_t pp) const {
    return num_stages({layout_.schedule, static_cast<int>(pp), 1, vpp_});
  }

  /// Settles the stages of a rank that later checks assume.
  void virtual_stages() {
    const int layers = input_.model.num_layers;
    const bool takes = takes_vpp(layout_.schedule);
    vpp_ = layout_.vpp;
    if (const auto issue = vpp_violation(layout_.schedule, layout_.vpp)) {
      vpp_ = takes ? 2 : 1;
      vpp_issue_ = PlanError::Violation{
          "/layout/vpp", *issue,
          takes ? "vpp 2, or schedule \"1f1b\"" : "vpp 1, or schedule \"interleaved_1f1b\""};
      return;
    }
    const int most = layers / layout_.pp;
    const bool has_less = takes && !vpp_violation(layout_.schedule, most);
    if (layout_.stage_layers.empty() && has_less && layout_.vpp > most) {
      vpp_issue_ = PlanError::Violation{"/layout/vpp",
                                        fmt::format("{} stages on each of {} pipeline ranks for {} layers",
                                                    layout_.vpp, layout_.pp, layers),
                                        fmt::format("vpp {}", most)};
      vpp_ = most;
    }
  }

  void pipeline() {
    pp_ = nearest(layout_.pp, gpus(), [&](std::int64_t pp) { return runs(pp); });
    const std::string hint =
        pp_ > 0 ? fmt::format("pp {}", pp_) : "choose sizes whose product divides the GPUs";
    const std::int64_t product = gpus_per_pipeline_rank() * layout_.pp;
    const bool divides = gpus() % product == 0;
    if (!divides)
      add("/layout/pp", fmt::format("tp x cp x pp = {} does not divide {} GPUs", product, gpus()), hint);
    const int layers = input_.model.num_layers;
    if (layout_.stage_layers.empty() && stages_with(layout_.pp) > layers) {
      const std::string on =
          vpp_ == 1 && stages_with(1) == 1 ? "" : fmt::format(" with {} stages each", stages_with(2) / 2);
      add("/layout/pp", fmt::format("{} pipeline ranks{} for {} layers", layout_.pp, on, layers), hint);
    }
    if (const auto issue = pipeline_violation(layout_.pp); issue && divides) {
      const bool has_other = layout_.schedule != ScheduleKind::one_f_one_b;
      add("/layout/pp", *issue,
          has_other ? fmt::format("{}{}", plain_schedule(), pp_ > 0 ? ", or " + hint : "") : hint);
    }
  }

  /// The schedule that takes any pipeline and any batch.
  [[nodiscard]] std::string plain_schedule() const {
    return layout_.vpp > 1 ? "schedule \"1f1b\" with vpp 1" : "schedule \"1f1b\"";
  }

  /// Names the size that later checks assume, where it is not the layout's own.
  [[nodiscard]] std::string with_pp() const {
    return pp_ == layout_.pp ? "" : fmt::format(" with pp {}", pp_);
  }

  void expert_division() {
    const int experts = input_.model.num_experts;
    const std::int64_t per_stage = pp_ > 0 ? gpus() / pp_ : 0;
    if (experts == 0) {
      if (layout_.ep > 1)
        add("/layout/ep", fmt::format("ep {}, but the model has no experts", layout_.ep), "ep 1");
      if (per_stage % layout_.etp != 0) {
        add("/layout/etp",
            fmt::format("etp {} does not divide the {} GPUs of a pipeline rank{}", layout_.etp, per_stage,
                        with_pp()),
            "etp 1: the model has no experts");
      }
      return;
    }
    const bool etp_divides = per_stage % layout_.etp == 0;
    const std::int64_t sizes =
        pp_ > 0 && etp_divides ? std::gcd(per_stage / layout_.etp, experts) : std::int64_t{experts};
    const std::string hint = fmt::format("ep {}", nearest_divisor(sizes, layout_.ep));
    if (layout_.ep > experts) {
      add("/layout/ep", fmt::format("ep {} is larger than the {} experts", layout_.ep, experts), hint);
    } else if (experts % layout_.ep != 0) {
      add("/layout/ep", fmt::format("ep {} does not divide {} experts", layout_.ep, experts), hint);
    }
    if (pp_ > 0 && per_stage % (std::int64_t{layout_.etp} * layout_.ep) != 0) {
      add("/layout/ep",
          fmt::format("etp x ep = {} does not divide the {} GPUs of a pipeline rank{}",
                      std::int64_t{layout_.etp} * layout_.ep, per_stage, with_pp()),
          etp_divides ? hint : "choose sizes whose product divides them");
    }
  }

  void stages() {
    if (vpp_issue_) found_.push_back(*vpp_issue_);
    const int layers = input_.model.num_layers;
    if (layout_.stage_layers.empty()) return;
    const auto given = static_cast<int>(layout_.stage_layers.size());
    if (const auto stages = stages_with(layout_.pp); given != stages) {
      add("/layout/stage_layers",
          fmt::format("{} stages, where the schedule has {} on {} pipeline ranks", given, stages, layout_.pp),
          fmt::format("{} numbers of layers, one per stage", stages));
    }
    for (std::size_t s = 1; s + 1 < layout_.stage_layers.size(); ++s) {
      if (layout_.stage_layers[s] > 0) continue;
      add("/layout/stage_layers", fmt::format("stage {} has no layer", s),
          "only the first stage, which has the embedding, and the last, which has the head, may have none");
      break;
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
          fmt::format("tp {}", nearest_divisor(std::gcd(gpus(), model.num_heads), layout_.tp)));
    }
    if (model.num_experts > 0 && model.expert_intermediate % layout_.etp != 0) {
      add("/layout/etp",
          fmt::format("etp {} does not divide an expert's width {}", layout_.etp, model.expert_intermediate),
          fmt::format("etp {}", nearest_divisor(model.expert_intermediate, layout_.etp)));
    }
    if (layout_.tp > 1 && !layout_.sequence_parallel && model.num_experts > 0) {
      add("/layout/sequence_parallel", "tensor parallelism would route every token on each of its GPUs",
          "true, with experts");
    }
    if (input_.recipe.capacity_factor && model.num_experts == 0)
      add("/recipe/capacity_factor", "a capacity, but the model has no experts", "leave it out");
    // A GPU of a context-parallel group has one part from the front and one from the back.
    const int parts = layout_.cp > 1 ? 2 : 1;
    const std::int64_t pieces = std::int64_t{layout_.cp} * layout_.tp * parts;
    if (input_.recipe.sequence_length % pieces != 0) {
      add("/recipe/sequence_length",
          fmt::format("{}cp x tp = {} does not divide {} tokens", parts > 1 ? "2 x " : "", pieces,
                      input_.recipe.sequence_length),
          fmt::format("a multiple of {}", pieces));
    }
  }

  void micro_batches() {
    if (pp_ == 0) return;
    const std::int64_t dp = gpus() / (gpus_per_pipeline_rank() * pp_);
    const std::int64_t step = dp * layout_.micro_batch;
    const std::int64_t batch = input_.recipe.global_batch;
    const std::int64_t count = batch / step;
    const auto issue = batch_violation(count);
    const std::int64_t other =
        step * nearest(count, kMostMicrobatches, [&](std::int64_t n) { return !batch_violation(n); });
    if (batch % step != 0) {
      add("/recipe/global_batch",
          fmt::format("{} sequences do not divide over {} replicas x micro-batch {}{}", batch, dp,
                      layout_.micro_batch, with_pp()),
          fmt::format("{} sequences", other));
    }
    if (!issue) return;
    add("/recipe/global_batch", *issue + with_pp(),
        batch % step == 0 ? fallback(dp, count, other) : fmt::format("{} sequences", other));
  }

  /// What the schedule says of a number of micro-batches.
  [[nodiscard]] std::optional<std::string> batch_violation(std::int64_t count) const {
    return violation({layout_.schedule, static_cast<int>(pp_),
                      static_cast<int>(std::min(count, kMostMicrobatches)), vpp_});
  }

  /// What runs instead of `count` micro-batches on each of `dp` replicas: `other` sequences, or the same
  /// ones.
  [[nodiscard]] std::string fallback(std::int64_t dp, std::int64_t count, std::int64_t other) const {
    std::string hint = fmt::format("{} sequences", other);
    if (layout_.schedule == ScheduleKind::one_f_one_b || pp_ != layout_.pp) return hint;
    if (runs_pairs(layout_.schedule) && !takes_vpp(layout_.schedule) && count < 2 * pp_) {
      const std::int64_t most = input_.recipe.global_batch / (2 * pp_ * layout_.micro_batch);
      const std::int64_t fewer = nearest(
          std::min(most, dp), dp, [&](std::int64_t replicas) { return batch_fits(replicas, most, dp); });
      if (fewer > 0) hint.insert(0, fmt::format("{} replicas ({} GPUs), or ", fewer, gpus() / dp * fewer));
    }
    return plain_schedule() + ", or " + hint;
  }

  /// Whether `replicas` of `dp`, at most `most`, take as many micro-batches each as the schedule allows and
  /// hold whole nodes and expert groups.
  [[nodiscard]] bool batch_fits(std::int64_t replicas, std::int64_t most, std::int64_t dp) const {
    const std::int64_t per_stage = gpus_per_pipeline_rank() * replicas;
    return replicas <= most && dp % replicas == 0 &&
           input_.recipe.global_batch % (replicas * layout_.micro_batch) == 0 &&
           !batch_violation(input_.recipe.global_batch / (replicas * layout_.micro_batch)) &&
           per_stage * pp_ % input_.cluster.gpus_per_node == 0 &&
           per_stage % (std::int64_t{layout_.etp} * layout_.ep) == 0;
  }

  /// The number in [1, most] that is nearest to `wanted`, the smaller of equals, of those that will do; 0
  /// when none does.
  template <class WillDo>
  static std::int64_t nearest(std::int64_t wanted, std::int64_t most, const WillDo& will_do) {
    const std::int64_t from = std::clamp<std::int64_t>(wanted, 1, most);
    for (std::int64_t distance = 0; distance < most; ++distance) {
      if (from - distance >= 1 && will_do(from - distance)) return from - distance;
      if (from + distance <= most && will_do(from + distance)) return from + distance;
    }
    return 0;
  }

  static std::int64_t nearest_divisor(std::int64_t number, std::int64_t wanted) {
    return nearest(wanted, number, [&](std::int64_t divisor) { return number % divisor == 0; });
  }

  const PlanInput& input_;
  const Layout& layout_;
  std::optional<PlanError::Violation> vpp_issue_;
  int vpp_ = 1;          ///< the layout's, or one that the schedule takes
  std::int64_t pp_ = 0;  ///< the layout's, or the nearest that runs; 0: none does
  std::vector<PlanError::Violation> found_;
};

}  // namespace

std::vector<PlanError::Violation> find_layout_violations(const PlanInput& input) {
  return Checks(input).all();
}

}  // namespace moesim
