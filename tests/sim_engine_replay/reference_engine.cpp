#include "tests/sim_engine_replay/reference_engine.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace moesim::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kSlack = 1e-12;

enum class Step { waits, delay, moving, tail, over, done };
enum Part { kDelay, kWork, kNic, kNvlink, kTail, kNumParts };

struct RefOp {
  const Operation* op = nullptr;
  const OperationCost* cost = nullptr;
  Step step = Step::waits;
  std::array<double, kNumParts> whole{};
  std::array<double, kNumParts> left{};
  std::array<double, kNumParts> rate{};
  double launch_s = kInf;
  double issued_s = kInf;
  [[nodiscard]] bool runs(Part p) const {
    const bool in_step = p == kDelay  ? step == Step::delay
                         : p == kTail ? step == Step::tail
                                      : step == Step::moving;
    return in_step && left[p] > 0;
  }
};

struct RefGpu {
  int column = 0, rank = 0, member = 0;
  GpuState given;
  std::vector<RefOp> ops;
  double host_s = 0;
  std::size_t next_issue = 0;
  bool host_waits = false;
  double end_s = 0;
};

class Reference {
 public:
  explicit Reference(const EngineInput& in) : in_(in), num_ranks_(static_cast<int>(in.graph->num_ranks())) {
    for (int c = 0; c < in.columns; ++c) {
      for (int r = 0; r < num_ranks_; ++r) {
        for (int m = 0; m < in.members; ++m) add_gpu(c, r, m);
      }
    }
  }

  std::vector<double> run() {
    while (true) {
      while (settle()) {
      }
      set_rates();
      const double dt = next_event();
      if (dt == kInf) break;
      advance(dt);
    }
    std::vector<double> ends;
    for (const RefGpu& g : gpus_) {
      const bool done = std::ranges::all_of(g.ops, [](const RefOp& o) { return o.step == Step::done; });
      ends.push_back(done ? g.end_s : kInf);
    }
    return ends;
  }

 private:
  void add_gpu(int c, int r, int m) {
    RefGpu g;
    g.column = c, g.rank = r, g.member = m;
    g.given = in_.gpus[gpus_.size()];
    for (const Operation& op : in_.graph->programs[static_cast<std::size_t>(r)]) {
      RefOp o;
      o.op = &op;
      o.cost = &in_.graph->cost_of(op);
      const double load = o.cost->load_factor(g.given.expert_load);
      o.whole = {o.cost->delay_s, o.cost->work_s * load * g.given.compute_slowdown, o.cost->nic_B,
                 o.cost->nvlink_B * load, o.cost->tail_nvlink_B * load};
      o.left = o.whole;
      g.ops.push_back(o);
    }
    gpus_.push_back(std::move(g));
  }

  RefGpu& gpu(int c, int r, int m) {
    return gpus_[static_cast<std::size_t>((c * num_ranks_ + r) * in_.members + m)];
  }

  bool settle() {
    bool changed = false;
    for (RefGpu& g : gpus_) {
      changed |= issue(g);
      for (RefOp& o : g.ops) changed |= pass_steps(o);
    }
    for (RefGpu& g : gpus_) {
      for (std::size_t i = 0; i < g.ops.size(); ++i) changed |= try_end(g, i) || try_start(g, i);
    }
    return changed;
  }

  bool issue(RefGpu& g) {
    if (g.host_waits || g.next_issue == g.ops.size()) return false;
    RefOp& o = g.ops[g.next_issue++];
    o.launch_s = g.host_s + o.cost->first_issue_s;
    o.issued_s = g.host_s += o.cost->issue_s;
    g.host_waits = o.cost->host_waits;
    return true;
  }

  static bool pass_steps(RefOp& o) {
    const Step before = o.step;
    if (o.step == Step::delay && o.left[kDelay] == 0) o.step = Step::moving;
    if (o.step == Step::moving && o.left[kWork] == 0 && o.left[kNic] == 0 && o.left[kNvlink] == 0) {
      o.step = Step::tail;
    }
    if (o.step == Step::tail && o.left[kTail] == 0) o.step = Step::over;
    return o.step != before;
  }

  /// All GPUs that start and end operation i of g together.
  std::vector<RefGpu*> scope_of(RefGpu& g, const RefOp& o) {
    if (o.cost->sync == SyncScope::none) return {&g};
    std::vector<RefGpu*> all;
    for (int c = 0; c < in_.columns; ++c) {
      if (o.cost->sync == SyncScope::expert_group && c != g.column) continue;
      for (int m = 0; m < in_.members; ++m) all.push_back(&gpu(c, g.rank, m));
    }
    return all;
  }

  bool try_end(RefGpu& g, std::size_t i) {
    if (g.ops[i].step != Step::over) return false;
    const auto scope = scope_of(g, g.ops[i]);
    for (const RefGpu* other : scope) {
      const RefOp& o = other->ops[i];
      if (o.step != Step::over || o.issued_s > now_ + kSlack) return false;
    }
    for (RefGpu* other : scope) {
      other->ops[i].step = Step::done;
      other->end_s = now_;
      if (!other->ops[i].cost->host_waits) continue;
      other->host_waits = false;
      other->host_s = std::max(other->host_s, now_);
    }
    return true;
  }

  bool is_ready(const RefGpu& g, std::size_t i) {
    const RefOp& o = g.ops[i];
    if (o.step != Step::waits || o.launch_s > now_ + kSlack) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (g.ops[j].op->lane == o.op->lane && g.ops[j].step != Step::done) return false;
    }
    return std::ranges::all_of(in_.graph->dependencies_of(*o.op), [&](const Dependency& d) {
      return gpu(g.column, d.rank, g.member).ops[d.index].step == Step::done;
    });
  }

  bool try_start(RefGpu& g, std::size_t i) {
    if (g.ops[i].step != Step::waits) return false;
    const auto scope = scope_of(g, g.ops[i]);
    if (!std::ranges::all_of(scope, [&](const RefGpu* other) { return is_ready(*other, i); })) return false;
    for (RefGpu* other : scope) other->ops[i].step = Step::delay;
    return true;
  }

  struct NicFlow {
    RefOp* o;
    std::size_t out, in;
    bool fixed = false;
  };

  void set_rates() {
    std::vector<NicFlow> flows;
    std::vector<double> spare(2 * gpus_.size());
    for (std::size_t i = 0; i < gpus_.size(); ++i) {
      RefGpu& g = gpus_[i];
      spare[2 * i] = g.given.nic_out_Bps;
      spare[2 * i + 1] = g.given.nic_in_Bps;
      const auto running = [](const RefOp& o) { return o.runs(kNvlink) || o.runs(kTail); };
      const auto num_nvlink = static_cast<double>(std::ranges::count_if(g.ops, running));
      const bool held = std::ranges::any_of(g.ops, [](const RefOp& o) {
        return o.cost->holds_sms && (o.step == Step::delay || o.step == Step::moving || o.step == Step::tail);
      });
      for (RefOp& o : g.ops) {
        o.rate = {1, held ? o.cost->overlapped_rate : 1, 0, g.given.nvlink_Bps / num_nvlink,
                  g.given.nvlink_Bps / num_nvlink};
        const int to = o.op->peer_rank < 0 ? g.rank : o.op->peer_rank;
        const auto receiver = static_cast<std::size_t>((g.column * num_ranks_ + to) * in_.members + g.member);
        if (o.runs(kNic)) flows.push_back({&o, 2 * i, 2 * receiver + 1});
      }
    }
    fill(flows, spare);
  }

  /// All rates rise together; those of a NIC stop when it is full.
  static void fill(std::vector<NicFlow>& flows, std::vector<double>& spare) {
    for (std::size_t fixed = 0; fixed < flows.size();) {
      std::vector<int> users(spare.size());
      for (const NicFlow& f : flows) {
        if (!f.fixed) ++users[f.out], ++users[f.in];
      }
      double rise = kInf;
      for (std::size_t p = 0; p < spare.size(); ++p) {
        if (users[p] > 0) rise = std::min(rise, spare[p] / users[p]);
      }
      for (std::size_t p = 0; p < spare.size(); ++p) spare[p] -= rise * users[p];
      for (NicFlow& f : flows) {
        if (f.fixed) continue;
        f.o->rate[kNic] += rise;
        if (spare[f.out] > 1e-9 && spare[f.in] > 1e-9) continue;
        f.fixed = true;
        ++fixed;
      }
    }
  }

  double next_event() {
    double dt = kInf;
    for (RefGpu& g : gpus_) {
      for (RefOp& o : g.ops) {
        for (int p = 0; p < kNumParts; ++p) {
          const auto part = static_cast<std::size_t>(p);
          if (o.runs(static_cast<Part>(p))) dt = std::min(dt, o.left[part] / o.rate[part]);
        }
        const bool ahead = o.step == Step::waits && o.launch_s > now_ + kSlack;
        if (ahead && o.launch_s < kInf) dt = std::min(dt, o.launch_s - now_);
        if (o.step == Step::over && o.issued_s > now_ + kSlack) dt = std::min(dt, o.issued_s - now_);
      }
    }
    return dt;
  }

  void advance(double dt) {
    now_ += dt;
    for (RefGpu& g : gpus_) {
      for (RefOp& o : g.ops) {
        for (int p = 0; p < kNumParts; ++p) {
          if (!o.runs(static_cast<Part>(p))) continue;
          const auto part = static_cast<std::size_t>(p);
          o.left[part] -= o.rate[part] * dt;
          if (o.left[part] < kSlack * o.whole[part]) o.left[part] = 0;
        }
      }
    }
  }

  const EngineInput& in_;
  int num_ranks_;
  std::vector<RefGpu> gpus_;
  double now_ = 0;
};

}  // namespace

std::vector<double> reference_gpu_ends(const EngineInput& input) {
  return Reference(input).run();
}

}  // namespace moesim::test
