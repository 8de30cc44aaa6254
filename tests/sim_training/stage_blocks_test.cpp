#include "sim/training/stage_blocks.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a cost stands for: attention and MLP, dispatch and combine, of forward, backward and weight passes.
constexpr std::array kNames{"AF", "AB", "AW", "MF", "MB", "MW", "DF", "CF", "DB", "CB"};
constexpr std::uint32_t kPaired = kNames.size();

ItemCosts costs_from(std::uint32_t first, bool has_transfers) {
  ItemCosts costs{first, first + 1, first + 2, first + 3, first + 4, first + 5, std::nullopt};
  if (has_transfers) costs.transfers = TransferCosts{first + 6, first + 7, first + 8, first + 9};
  return costs;
}

StageItem item(int layer, bool has_mlp, bool has_transfers) {
  return {static_cast<std::int16_t>(layer), has_mlp, costs_from(0, has_transfers),
          costs_from(kPaired, has_transfers)};
}
StageItem moe(int layer) {
  return item(layer, true, true);
}
StageItem dense(int layer) {
  return item(layer, true, false);
}
/// Numbered like a layer so that tests can name it.
StageItem head(int number) {
  return item(number, false, false);
}

/// "AF3" for attention forward of layer 3, "AF3*" where it is the cost of an overlapped pair.
std::string name_of(const Block& block, std::size_t index) {
  if (index == Block::kLast) return "none";
  const BlockOperation& op = block.operations[index];
  return fmt::format("{}{}{}", kNames[op.cost % kPaired], op.layer, op.cost < kPaired ? "" : "*");
}

/// One line per operation: its name and, behind <, what it waits for; "in" is the activation that enters the
/// stage and "grad" the gradient. The last line names the outputs.
std::vector<std::string> lines_of(const Block& block) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    const BlockOperation& op = block.operations[i];
    std::string line = name_of(block, i);
    std::string separator = " < ";
    const auto wait_for = [&](const std::string& what) {
      line += separator + what;
      separator = ", ";
    };
    if (op.needs_activation) wait_for("in");
    if (op.needs_gradient) wait_for("grad");
    for (const std::size_t earlier : op.after) wait_for(name_of(block, earlier));
    lines.push_back(line);
  }
  lines.push_back(fmt::format("out {} {}", name_of(block, block.output_activation),
                              name_of(block, block.output_gradient)));
  return lines;
}

TEST(StageBlocks, ForwardGoesThroughLayersInOrder) {
  const std::vector<StageItem> items{head(7), dense(0), moe(1)};
  EXPECT_THAT(lines_of(forward_block(items)),
              ElementsAre("AF7 < in", "AF0 < AF7", "MF0 < AF0", "AF1 < MF0", "DF1 < AF1", "MF1 < DF1",
                          "CF1 < MF1", "out CF1 none"));
}

/// Backward of combine first, weight gradients wait for nothing: their inputs come from the lane before them.
TEST(StageBlocks, BackwardGoesThroughLayersInReverse) {
  const std::vector<StageItem> items{dense(0), moe(1), head(7)};
  EXPECT_THAT(lines_of(backward_block(items, true)),
              ElementsAre("AB7 < grad", "AW7", "CB1 < AB7", "MB1 < CB1", "DB1 < MB1", "MW1", "AB1 < DB1",
                          "AW1", "MB0 < AB1", "MW0", "AB0 < MB0", "AW0", "out none AB0"));
}

/// Where transfers take turns with computation, weight gradients come before the transfer of their layer, and
/// every transfer keeps its place among computations.
TEST(StageBlocks, SerialTransfersHideBesideNothing) {
  const std::vector<StageItem> items{dense(0), moe(1)};
  const Block block = backward_block(items, true, true);
  EXPECT_THAT(lines_of(block), ElementsAre("CB1 < grad", "MB1 < CB1", "MW1", "DB1 < MB1", "AB1 < DB1", "AW1",
                                           "MB0 < AB1", "MW0", "AB0 < MB0", "AW0", "out none AB0"));
  for (const Block& serial : {block, forward_block(items, true)}) {
    for (const BlockOperation& op : serial.operations)
      EXPECT_EQ(op.in_compute_order, op.lane == Lane::communication);
  }
}

TEST(StageBlocks, DeferredWeightsAreABlockOfTheirOwn) {
  const std::vector<StageItem> items{dense(0), moe(1)};
  EXPECT_THAT(lines_of(backward_block(items, false)),
              ElementsAre("CB1 < grad", "MB1 < CB1", "DB1 < MB1", "AB1 < DB1", "MB0 < AB1", "AB0 < MB0",
                          "out none AB0"));
  EXPECT_THAT(lines_of(weight_block(items)),
              ElementsAre("MW1 < grad", "AW1 < grad", "MW0 < grad", "AW0 < grad", "out none none"));
}

/// The published order of one layer: [attention F] beside combine B; MLP B beside dispatch F; [MLP W, MLP F]
/// beside dispatch B; attention B beside combine F; attention W of the layer last.
TEST(StageBlocks, OnePair) {
  const std::vector<StageItem> forward{moe(0)}, backward{moe(9)};
  EXPECT_THAT(lines_of(forward_backward_block(forward, backward)),
              ElementsAre("CB9* < grad", "AF0* < in", "DF0* < AF0*", "MB9* < CB9*", "DB9* < MB9*", "MW9*",
                          "MF0* < DF0*", "CF0* < MF0*", "AB9* < DB9*", "AW9*", "out CF0* AB9*"));
}

/// Attention W of the layer before is the first computation of a pair. The first forward layer runs beside
/// the last backward layer.
TEST(StageBlocks, PairsFollowEachOther) {
  const std::vector<StageItem> forward{moe(0), moe(1)}, backward{moe(8), moe(9)};
  EXPECT_THAT(lines_of(forward_backward_block(forward, backward)),
              ElementsAre("CB9* < grad", "AF0* < in", "DF0* < AF0*", "MB9* < CB9*", "DB9* < MB9*", "MW9*",
                          "MF0* < DF0*", "CF0* < MF0*", "AB9* < DB9*",                         //
                          "AW9*", "CB8* < AB9*", "AF1* < CF0*", "DF1* < AF1*", "MB8* < CB8*",  //
                          "DB8* < MB8*", "MW8*", "MF1* < DF1*", "CF1* < MF1*", "AB8* < DB8*", "AW8*",
                          "out CF1* AB8*"));
}

TEST(StageBlocks, WhatOneHalfHasMoreRunsAlone) {
  const std::vector<StageItem> one{moe(0)}, two{moe(8), moe(9)};
  EXPECT_THAT(lines_of(forward_backward_block(one, two)),
              ElementsAre("CB9* < grad", "AF0* < in", "DF0* < AF0*", "MB9* < CB9*", "DB9* < MB9*", "MW9*",
                          "MF0* < DF0*", "CF0* < MF0*", "AB9* < DB9*", "AW9*",  //
                          "CB8 < AB9*", "MB8 < CB8", "DB8 < MB8", "MW8", "AB8 < DB8", "AW8", "out CF0* AB8"));
  EXPECT_THAT(lines_of(forward_backward_block(two, one)),
              ElementsAre("CB0* < grad", "AF8* < in", "DF8* < AF8*", "MB0* < CB0*", "DB0* < MB0*", "MW0*",
                          "MF8* < DF8*", "CF8* < MF8*", "AB0* < DB0*", "AW0*",  //
                          "AF9 < CF8*", "DF9 < AF9", "MF9 < DF9", "CF9 < MF9", "out CF9 AB0*"));
}

TEST(StageBlocks, PairsWithoutTransfersRunAsIfAlone) {
  const std::vector<StageItem> forward{dense(0)}, backward{head(9)};
  EXPECT_THAT(lines_of(forward_backward_block(forward, backward)),
              ElementsAre("AF0 < in", "MF0 < AF0", "AB9 < grad", "AW9", "out MF0 AB9"));
}

/// One transfer is enough to take the SMs of both halves, and attention W of the layer before runs beside
/// the pair that it is issued in.
TEST(StageBlocks, AttentionWeightBelongsToThePairThatItIsIssuedIn) {
  const std::vector<StageItem> forward{dense(0), moe(1), dense(2)}, backward{dense(7), dense(8), head(9)};
  EXPECT_THAT(
      lines_of(forward_backward_block(forward, backward)),
      ElementsAre("AF0 < in", "MF0 < AF0", "AB9 < grad",                                     //
                  "AW9*", "AF1* < MF0", "DF1* < AF1*", "MB8* < AB9", "MW8*", "MF1* < DF1*",  //
                  "CF1* < MF1*", "AB8* < MB8*",                                              //
                  "AW8", "AF2 < CF1*", "MB7 < AB8*", "MW7", "MF2 < AF2", "AB7 < MB7", "AW7", "out MF2 AB7"));
}

TEST(StageBlocks, LanesAndHalvesFollowTheOperation) {
  const std::vector<StageItem> forward{moe(0), dense(1)}, backward{head(8), moe(9)};
  for (const Block& block : {forward_block(forward), backward_block(backward, true), weight_block(backward),
                             forward_backward_block(forward, backward)}) {
    for (std::size_t i = 0; i < block.operations.size(); ++i) {
      const BlockOperation& op = block.operations[i];
      const std::string name = name_of(block, i);
      const bool transfer = name[0] == 'D' || name[0] == 'C';
      EXPECT_EQ(op.lane, transfer ? Lane::communication : Lane::computation) << name;
      EXPECT_EQ(op.half, name[1] == 'F' ? Half::forward : Half::backward) << name;
    }
  }
}

TEST(StageBlocks, NoItemsGiveEmptyBlocks) {
  EXPECT_THAT(forward_block({}).operations, IsEmpty());
  EXPECT_THAT(backward_block({}, true).operations, IsEmpty());
  EXPECT_THAT(weight_block({}).operations, IsEmpty());
  EXPECT_THAT(forward_backward_block({}, {}).operations, IsEmpty());
}

}  // namespace
}  // namespace moesim
