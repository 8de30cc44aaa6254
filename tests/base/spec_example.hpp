#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace example_spec {

enum class Order { kTensorFirst, kDataFirst, kPipelineFirst };

struct Link {
  moesim::BytesPerSecond bandwidth;
  moesim::Seconds latency{1e-6};
  bool operator==(const Link&) const = default;
};

/// One member of every kind that a spec can hold.
struct Layout {
  int pipeline_parallel = 1;
  Order order = Order::kTensorFirst;
  double skew = 0.5;
  bool overlap = true;
  std::uint64_t seed = 7;
  std::string router = "plain";
  moesim::Bytes cache{80.0 * 1024 * 1024 * 1024};
  moesim::GpuId gpu{3};
  std::vector<Link> links;
  std::map<std::string, double> weights;
  std::optional<std::string> note;
  moesim::RawJson extra;
  bool operator==(const Layout&) const = default;
};

inline const moesim::Spec<Link>& spec_of(const Link*) {
  static const moesim::Spec<Link> spec = moesim::Spec<Link>("link", "A link of a GPU.")
                                             .field("bandwidth", &Link::bandwidth, "per GPU and direction",
                                                    moesim::above(0) | moesim::example("450 GB/s"))
                                             .field("latency", &Link::latency, "one way", moesim::optional());
  return spec;
}

inline std::optional<moesim::SpecIssue> rank_first_needs_stages(const Layout& layout) {
  if (layout.pipeline_parallel == 1 && layout.router == "rank_first") {
    return moesim::SpecIssue{"/router", "rank_first needs more than one stage", "raise pipeline_parallel"};
  }
  return std::nullopt;
}

inline const moesim::Spec<Layout>& spec_of(const Layout*) {
  using moesim::optional;
  static const moesim::Spec<Layout> spec =
      moesim::Spec<Layout>("layout", "How ranks are arranged.")
          .field("pipeline_parallel", &Layout::pipeline_parallel, "pipeline stages", moesim::between(1, 64))
          .field("order", &Layout::order, "which dimension is innermost")
          .field("skew", &Layout::skew, "0 even | 1 all to one", moesim::between(0, 1).and_optional())
          .field("overlap", &Layout::overlap, "copies beside compute", optional())
          .field("seed", &Layout::seed, "of all randomness", optional())
          .field("router", &Layout::router, "by name", optional() | moesim::choices({"plain", "rank_first"}))
          .field("cache", &Layout::cache, "per GPU", optional())
          .field("gpu", &Layout::gpu, "first GPU", optional() | moesim::at_least(0))
          .field("links", &Layout::links, "[num_links]", moesim::non_empty())
          .field("weights", &Layout::weights, "share of each name", optional() | moesim::between(0, 1))
          .field("note", &Layout::note, "free text", moesim::non_empty())
          .field("extra", &Layout::extra, "kept as it stands", optional())
          .check(rank_first_needs_stages);
  return spec;
}

}  // namespace example_spec

template <>
struct moesim::EnumNames<example_spec::Order> {
  using Order = example_spec::Order;
  static constexpr std::array<std::pair<Order, std::string_view>, 3> table{
      {{Order::kTensorFirst, "tensor_first"},
       {Order::kDataFirst, "data_first"},
       {Order::kPipelineFirst, "pipeline_first"}}};
};
