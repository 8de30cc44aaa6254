#include "sim/exchange/megatron_flags.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace moesim {
namespace {

using Reason = std::pair<std::string_view, std::string_view>;
constexpr auto kNotModelled = std::to_array<Reason>({
    {"tp-comm-overlap", "overlap of tensor-parallel collectives belongs to the stack"},
    {"overlap-grad-reduce", "overlap of gradients belongs to the stack"},
    {"overlap-param-gather", "overlap of gathered weights belongs to the stack"},
    {"moe-shared-expert-overlap", "overlap of the shared expert belongs to the stack"},
    {"delay-wgrad-compute", "the schedule decides when weight gradients run"},
    {"cpu-offloading", "activations in host memory"},
    {"optimizer-cpu-offload", "optimizer states in host memory"},
    {"account-for-embedding-in-pipeline-split", "the embedding as a layer of the split; give stage_layers"},
    {"account-for-loss-in-pipeline-split", "the loss as a layer of the split; give stage_layers"},
    {"hierarchical-context-parallel-sizes", "context parallelism in two levels"},
    {"moe-router-topk-limited-devices", "routing limited by device"},
    {"moe-token-drop-policy", "which tokens are dropped; their number is"},
    {"enable-cuda-graph", "launches in graphs belong to the stack"},
    {"external-cuda-graph", "launches in graphs belong to the stack"},
    {"cuda-graph-impl", "launches in graphs belong to the stack"},
});

constexpr auto kIgnored = std::to_array<std::string_view>({"use-mcore-models",
                                                           "use-flash-attn",
                                                           "transformer-impl",
                                                           "attention-backend",
                                                           "mock-data",
                                                           "seed",
                                                           "split",
                                                           "load",
                                                           "save",
                                                           "no-load-optim",
                                                           "no-load-rng",
                                                           "no-save-optim",
                                                           "manual-gc",
                                                           "manual-gc-interval",
                                                           "clip-grad",
                                                           "weight-decay",
                                                           "lr",
                                                           "min-lr",
                                                           "profile",
                                                           "norm-epsilon",
                                                           "init-method-std",
                                                           "disable-bias-linear",
                                                           "normalization",
                                                           "moe-grouped-gemm",
                                                           "moe-permute-fusion",
                                                           "num-workers",
                                                           "train-iters",
                                                           "train-samples",
                                                           "attention-dropout",
                                                           "hidden-dropout",
                                                           "enable-experimental",
                                                           "exit-duration-in-mins",
                                                           "no-masked-softmax-fusion",
                                                           "no-position-embedding",
                                                           "node-rank",
                                                           "master-addr",
                                                           "master-port",
                                                           "moe-router-dtype",
                                                           "moe-router-fusion",
                                                           "cross-entropy-loss-fusion",
                                                           "cross-entropy-fusion-impl",
                                                           "mtp-loss-scaling-factor"});

constexpr auto kIgnoredBeginnings = std::to_array<std::string_view>({"lr-",
                                                                     "adam-",
                                                                     "log-",
                                                                     "tensorboard",
                                                                     "wandb-",
                                                                     "save-",
                                                                     "eval-",
                                                                     "data-path",
                                                                     "tokenizer-",
                                                                     "tiktoken-",
                                                                     "vocab-file",
                                                                     "merge-file",
                                                                     "ckpt-",
                                                                     "dist-ckpt",
                                                                     "distributed-",
                                                                     "profile-",
                                                                     "rotary-",
                                                                     "position-embedding",
                                                                     "exit-",
                                                                     "logging-",
                                                                     "no-mmap",
                                                                     "no-create-attention-mask",
                                                                     "no-check-for-nan",
                                                                     "moe-aux-loss",
                                                                     "moe-z-loss",
                                                                     "moe-router-load-balancing",
                                                                     "moe-router-bias-update",
                                                                     "rdzv-"});

}  // namespace

std::string_view megatron_not_modelled(std::string_view name) {
  const auto found = std::ranges::find(kNotModelled, name, &Reason::first);
  return found == kNotModelled.end() ? std::string_view() : found->second;
}

std::vector<std::string_view> megatron_flags() {
  std::vector<std::string_view> names(kIgnored.begin(), kIgnored.end());
  for (const Reason& reason : kNotModelled) names.push_back(reason.first);
  return names;
}

bool megatron_ignored(std::string_view name) {
  return std::ranges::find(kIgnored, name) != kIgnored.end() ||
         std::ranges::any_of(kIgnoredBeginnings,
                             [&](std::string_view text) { return name.starts_with(text); });
}

}  // namespace moesim
