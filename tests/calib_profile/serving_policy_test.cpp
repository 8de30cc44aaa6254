#include "calib/profile/serving_policy.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "calib/profile/stack.hpp"
#include "tests/calib_profile/small_profile.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

Stack stack_with(const Json& serving) {
  Json document = parse_json(test::kSmallStack, "stack.json");
  document["serving"] = serving;
  const test::OwnFile file("stack.json");
  write_file_atomically(file.path(), document.dump());
  return load_stack(file.path().string());
}

Json policy() {
  return parse_json(R"({"prefill": {"experts": "deepep_normal", "transfer": "deepep_normal",
                                    "overlap": "two_batch", "num_sms": 24},
                        "decode": {"experts": "fused", "transfer": "all_reduce", "graph": true},
                        "all_reduce": "nccl", "combine_format": "fp8", "fused": ["swiglu", "rms_norm.mlp"]})",
                    "policy");
}

TEST(ServingPolicy, ReadsWhatTheFileSays) {
  const Stack stack = stack_with(policy());
  ASSERT_TRUE(stack.serving);
  EXPECT_EQ(stack.serving->prefill.experts, ExpertKernel::deepep_normal);
  EXPECT_EQ(stack.serving->prefill.transfer, ExpertTransfer::deepep_normal);
  EXPECT_EQ(stack.serving->prefill.overlap, BatchOverlap::two_batch);
  EXPECT_EQ(stack.serving->prefill.num_sms, 24);
  EXPECT_FALSE(stack.serving->prefill.graph);
  EXPECT_EQ(stack.serving->decode.overlap, BatchOverlap::none);
  EXPECT_TRUE(stack.serving->decode.graph);
  EXPECT_EQ(stack.serving->all_reduce, AllReduceKernel::nccl);
  EXPECT_EQ(stack.serving->dispatch_format, NumberFormat::fp8);
  EXPECT_EQ(stack.serving->combine_format, NumberFormat::fp8);
  EXPECT_TRUE(stack.serving->fuses("swiglu.routed"));
  EXPECT_TRUE(stack.serving->fuses("rms_norm.mlp"));
  EXPECT_FALSE(stack.serving->fuses("rms_norm.input"));
}

TEST(ServingPolicy, IsAbsentFromAStackThatOnlyTrains) {
  EXPECT_FALSE(test::small_stack().serving);
}

TEST(ServingPolicy, RefusesAClassOfOperatorsThatThereIsNot) {
  Json wrong = policy();
  wrong["fused"] = {"swiglo"};
  try {
    (void)stack_with(wrong);
    FAIL() << "accepted";
  } catch (const LocatedError& error) {
    EXPECT_EQ(error.pointer, "/serving/fused/0");
    EXPECT_NE(error.hint.find("swiglu"), std::string::npos);
  }
}

}  // namespace
}  // namespace moesim
