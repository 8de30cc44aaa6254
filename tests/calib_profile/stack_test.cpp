#include "calib/profile/stack.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "calib/profile/stack_names.hpp"
#include "sim/schedule/op_graph.hpp"
#include "tests/calib_profile/small_profile.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using test::small_profile;
using test::small_stack;

/// The fault of the small stack with another value at `pointer`.
LocatedError changed_error(const std::string& pointer, const Json& value) {
  Json document = parse_json(test::kSmallStack, "stack.json");
  document[Json::json_pointer(pointer)] = value;
  const test::OwnFile file("stack.json");
  const std::filesystem::path& path = file.path();
  write_file_atomically(path, document.dump());
  try {
    load_stack(path.string());
  } catch (const LocatedError& error) {
    EXPECT_EQ(error.file, path.string());
    return error;
  }
  ADD_FAILURE() << "accepted: " << pointer << " = " << value.dump();
  return LocatedError("", "", "", "");
}

TEST(Stack, ReadsWhatTheFileSays) {
  const Stack stack = small_stack();
  EXPECT_EQ(stack.name, "small-stack");
  EXPECT_EQ(stack.all_to_all.backend, AllToAllBackend::deepep_normal);
  EXPECT_EQ(stack.all_to_all.num_sms, 20);
  EXPECT_EQ(stack.sync_points.front().members, SyncMembers::expert_group);
  EXPECT_TRUE(stack.sync_points.front().host_waits);
  EXPECT_EQ(stack.num_kernels_of("dispatch_forward"), 4);
  EXPECT_EQ(stack.num_kernels_of("combine_forward"), 0);
  EXPECT_TRUE(stack.fuses("rope"));
  EXPECT_FALSE(stack.fuses("rms_norm"));
  EXPECT_EQ(stack.accumulation_bytes(), 8);
}

TEST(Stack, ResolvesItsConstants) {
  const Stack stack = small_stack();
  EXPECT_EQ(stack.value("compute_contention", {}), 0.5);
  EXPECT_EQ(stack.constant("compute_contention", {}).owner, "small-stack");
  EXPECT_EQ(stack.value("compute_contention", {"table"}), 1);
  EXPECT_THROW((void)stack.value("launch", {}), CalibrationError);
}

// (100 - 20) / 100 SMs; contention 0.5 for GEMMs only.
TEST(OverlappedRate, IsTheSmShareTimesContention) {
  const Stack stack = small_stack();
  EXPECT_DOUBLE_EQ(stack.overlapped_rate(ComputeClass::gemm, 100, 20, {}), 0.4);
  EXPECT_DOUBLE_EQ(stack.overlapped_rate(ComputeClass::attention, 100, 20, {}), 1);
  EXPECT_DOUBLE_EQ(stack.overlapped_rate(ComputeClass::small, 100, 20, {}), 0.8);
  Stack without = stack;
  without.slowdowns.clear();
  EXPECT_EQ(without.overlapped_rate(ComputeClass::gemm, 100, 20, {}), 1);
}

TEST(OverlappedRate, LeavesComputationAtLeastOneSm) {
  EXPECT_DOUBLE_EQ(small_stack().overlapped_rate(ComputeClass::small, 100, 99, {}), 0.01);
  try {
    (void)small_stack().overlapped_rate(ComputeClass::gemm, 100, 100, {});
    ADD_FAILURE() << "accepted";
  } catch (const CalibrationError& error) {
    EXPECT_EQ(error.pointer, "/all_to_all/num_sms");
    EXPECT_EQ(error.what_text, "100 of 100 SMs leave none for computation");
  }
}

TEST(StackErrors, AreLocated) {
  EXPECT_EQ(changed_error("/schema_version", 3).what_text, "unknown version 3");
  EXPECT_EQ(changed_error("/kernels/1/source", "rumour").pointer, "/kernels/1/source");
  EXPECT_EQ(changed_error("/kernels/1/factor", 0).pointer, "/kernels/1/factor");
  EXPECT_EQ(changed_error("/slowdowns/0/contention", "friction").pointer, "/slowdowns/0/contention");
  EXPECT_EQ(changed_error("/all_to_all/backend", "nvshmem").pointer, "/all_to_all/backend");
  EXPECT_EQ(changed_error("/all_to_all/num_chunks", 0).pointer, "/all_to_all/num_chunks");
  EXPECT_EQ(changed_error("/small_kernel_bytes/permute", 0).pointer, "/small_kernel_bytes/permute");
  EXPECT_EQ(changed_error("/graph_scop", "none").pointer, "/graph_scop");
  EXPECT_EQ(changed_error("/constants/0/value", 0.95).pointer, "/constants/0");
  EXPECT_EQ(changed_error("/constants/0/unit", "furlong").pointer, "/constants/0/unit");
}

struct WrongName {
  const char* pointer;
  const char* value;  // JSON
  const char* at;     // of the fault
  const char* what;
  const char* hint;
};

// Each of these would change nothing, so it is a slip of the pen.
TEST(StackErrors, RefuseNamesThatNothingReads) {
  for (const WrongName& wrong : {
           WrongName{"/kernels/1/operator", R"("gem")", "/kernels/1/operator",
                     "no class or kind of operator 'gem'", "did you mean 'gemm'?"},
           WrongName{"/fused", R"(["rope", "rms_nrom"])", "/fused/1", "no class of operator 'rms_nrom'",
                     "did you mean 'rms_norm'?"},
           WrongName{"/fused", R"(["gemm"])", "/fused/0", "no class of operator 'gemm'", ""},
           WrongName{"/small_kernel_bytes", R"({"permutes": 2})", "/small_kernel_bytes/permutes",
                     "no class of operator 'permutes'", "did you mean 'permute'?"},
           WrongName{"/num_kernels", R"({"dispatch": 4})", "/num_kernels/dispatch",
                     "no such phase 'dispatch'",
                     "one of dispatch_forward, combine_forward, dispatch_backward, combine_backward, "
                     "send_activation, send_gradient, reduce_scatter, all_gather, tensor_forward, "
                     "tensor_backward, context_forward, context_backward, expert_tensor_forward, "
                     "expert_tensor_backward, optimizer"},
           WrongName{"/num_kernels", R"({"mlp_forward": 4})", "/num_kernels/mlp_forward",
                     "no such phase 'mlp_forward'", ""},
           WrongName{"/sync_points/0/phase", R"("dispatch_fwd")", "/sync_points/0/phase",
                     "no such phase 'dispatch_fwd'", "did you mean 'dispatch_forward'?"},
           WrongName{"/overlap", R"([{"computation": ["mlp_forwrd"], "communication": "all_gather"}])",
                     "/overlap/0/computation/0", "no such phase 'mlp_forwrd'", "did you mean 'mlp_forward'?"},
           WrongName{"/overlap", R"([{"computation": ["mlp_forward"], "communication": "allgather"}])",
                     "/overlap/0/communication", "no such phase 'allgather'", "did you mean 'all_gather'?"},
           WrongName{"/constants/0/name", R"("sustaned_rate")", "/constants/0/name",
                     "nothing reads a constant 'sustaned_rate'", "did you mean 'sustained_rate'?"},
       }) {
    const LocatedError error = changed_error(wrong.pointer, parse_json(wrong.value, ""));
    EXPECT_EQ(error.pointer, wrong.at);
    EXPECT_EQ(error.what_text, wrong.what);
    EXPECT_FALSE(error.hint.empty()) << wrong.what;
    if (*wrong.hint != '\0') {
      EXPECT_EQ(error.hint, wrong.hint);
    }
  }
}

TEST(StackErrors, RefuseUnitsAndValuesThatAConstantCannotHave) {
  const LocatedError unit = changed_error("/constants/0/unit", "s");
  EXPECT_EQ(unit.pointer, "/constants/0/unit");
  EXPECT_EQ(unit.hint, "it is read in ratio");
  for (const double value : {-0.9, 0.0, 2.1}) {
    const LocatedError error = changed_error("/constants/0/value", value);
    EXPECT_EQ(error.pointer, "/constants/0/value");
    EXPECT_EQ(error.what_text, fmt::format("sustained_rate must be above 0 and at most 2, got {}", value));
    EXPECT_EQ(error.hint, "give one rate over another; 1 stands for no loss");
  }
  // What --uncertainty draws from, and what stands in for it.
  EXPECT_EQ(changed_error("/constants/0/interval/0", 0).pointer, "/constants/0/interval/0");
  EXPECT_EQ(changed_error("/constants/1/fallback/value", 5).pointer, "/constants/1/fallback/value");
  Json launch = parse_json(test::kSmallStack, "stack.json").at("constants").at(0);
  launch["name"] = "launch";
  EXPECT_EQ(changed_error("/constants/2", launch).pointer, "/constants/2/unit");
}

TEST(StackErrors, RefuseAContentionThatIsNoRatio) {
  Json constants = parse_json(test::kSmallStack, "stack.json").at("constants");
  constants[1]["name"] = "launch";
  constants[1]["unit"] = "s";
  EXPECT_EQ(changed_error("/constants", constants).what_text, "no constant 'compute_contention'");
  constants.push_back(constants[1]);
  constants[2]["name"] = "compute_contention";
  EXPECT_EQ(changed_error("/constants", constants).what_text, "the unit of compute_contention is s");
}

// Every phase of a step has its place in a stack, under the name that records give it.
TEST(StackNames, OfPhasesAreThoseOfTheSchedule) {
  std::vector<std::string_view> names(kComputationPhases.begin(), kComputationPhases.end());
  names.insert(names.end(), kCommunicationPhases.begin(), kCommunicationPhases.end());
  names.push_back(kOptimizerPhase);
  std::vector<std::string_view> phases;
  for (std::size_t i = 0; i < kNumPhases; ++i) phases.push_back(to_string(static_cast<Phase>(i)));
  EXPECT_THAT(names, testing::UnorderedElementsAreArray(phases));
}

TEST(StackErrors, RefuseAFifthFittedConstant) {
  const Json fitted = parse_json(test::kSmallStack, "stack.json").at("constants").at(1);
  Json constants = Json::array();
  for (const char* name :
       {"compute_contention", "attention_contention", "small_contention", "sustained_rate", "launch"}) {
    constants.push_back(fitted);
    constants.back()["name"] = name;
  }
  constants.back()["unit"] = "s";
  EXPECT_EQ(changed_error("/constants", constants).pointer, "/constants/4");
  for (const char* key : {"cases", "fallback"}) {
    Json without = fitted;
    without.erase(key);
    EXPECT_EQ(changed_error("/constants/1", without).pointer, "/constants/1") << key;
  }
}

TEST(StackErrors, AnswerAMistypedNameWithTheNearest) {
  try {
    load_stack("deepseek-v3-fp88");
    ADD_FAILURE() << "found";
  } catch (const CalibrationError& error) {
    EXPECT_EQ(error.what_text, "no such stack");
    EXPECT_EQ(error.hint, "did you mean 'deepseek-v3-fp8'?");
  }
}

TEST(ListConstants, NamesThoseOfTheStackThenThoseOfTheProfile) {
  const auto rows = list_constants(small_stack(), small_profile({test::gemm_entry(1, 1, 1, "1 us")}));
  ASSERT_EQ(rows.size(), 10U);
  EXPECT_EQ(rows[0].owner, "small-stack");
  EXPECT_EQ(rows[0].name, "sustained_rate");
  EXPECT_EQ(rows[1].provenance, Provenance::fitted);
  EXPECT_EQ(rows[2].owner, "small");
  EXPECT_EQ(rows[2].name, "attention_backward_ratio");
  EXPECT_EQ(rows[9].name, "low_latency_start");
}

TEST(ListConstants, ShowsFallbacks) {
  const auto rows =
      list_constants(small_stack(), small_profile({test::gemm_entry(1, 1, 1, "1 us")}, {"trace"}));
  EXPECT_FALSE(rows[1].fallback);
  EXPECT_TRUE(rows[2].fallback);
  EXPECT_EQ(rows[2].value, 2);
}

}  // namespace
}  // namespace moesim
