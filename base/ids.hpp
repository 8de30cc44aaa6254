#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace moesim {

/// A dense index of one kind of thing, from 0; ids of different kinds do not mix. -1 (the default) names
/// nothing.
template <class Tag>
struct Id {
  std::int32_t value = -1;

  constexpr Id() = default;
  constexpr explicit Id(std::int32_t v) : value(v) {}
  /// The id of position `i` of a container; `i` must fit 31 bits.
  [[nodiscard]] static constexpr Id of(std::size_t i) { return Id(static_cast<std::int32_t>(i)); }

  /// The position in a container indexed by this id; only for a valid id.
  [[nodiscard]] constexpr std::size_t index() const { return static_cast<std::size_t>(value); }
  [[nodiscard]] constexpr bool valid() const { return value >= 0; }
  constexpr Id& operator++() {
    ++value;
    return *this;
  }

  friend constexpr auto operator<=>(Id a, Id b) = default;
};

/// A process of the job, one per GPU.
using Rank = Id<struct RankTag>;
/// A pipeline stage; with interleaving a virtual one.
using StageId = Id<struct StageTag>;
using Microbatch = Id<struct MicrobatchTag>;
using LayerId = Id<struct LayerTag>;
/// A routed expert of a layer (logical).
using ExpertId = Id<struct ExpertTag>;
/// A physical place for a copy of an expert.
using SlotId = Id<struct SlotTag>;
using NodeId = Id<struct NodeTag>;
using GpuId = Id<struct GpuTag>;
using LinkId = Id<struct LinkTag>;
using SwitchId = Id<struct SwitchTag>;
/// A node of an operator graph.
using OpId = Id<struct OpTag>;
using FlowId = Id<struct FlowTag>;
using GroupId = Id<struct GroupTag>;
using RequestId = Id<struct RequestTag>;

}  // namespace moesim

template <class Tag>
struct std::hash<moesim::Id<Tag>> {
  std::size_t operator()(moesim::Id<Tag> id) const noexcept { return std::hash<std::int32_t>{}(id.value); }
};
