// Foreign, truncated and wrong traces are errors that say what was expected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "calib/import/trace/traced_calls.hpp"
#include "tests/calib_import_trace/small_trace.hpp"

namespace moesim {
namespace {

using test::ChromeText;
using test::OwnFile;
using test::two_steps;
using test::write;
using testing::HasSubstr;

SpecError error_of(const std::string& text, int num_steps = 2) {
  const OwnFile file("bad.json");
  write(file, text);
  try {
    traced_steps(read_trace(file.path().string()), num_steps);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << "accepted";
  return {"", "", "", ""};
}

TEST(BadTrace, MissingFile) {
  EXPECT_THROW(read_trace("/no/such/trace.json"), SpecError);
}

TEST(BadTrace, Truncated) {
  const std::string text = two_steps().text();
  EXPECT_THAT(error_of(text.substr(0, text.size() / 2)).what_text, HasSubstr("no complete JSON"));
}

TEST(BadTrace, Foreign) {
  EXPECT_THAT(error_of(R"({"nodes": [1, 2]})").what_text, HasSubstr("no traceEvents"));
  EXPECT_THAT(error_of("m n k\n1 2 3\n").what_text, HasSubstr("no complete JSON"));
  EXPECT_THAT(error_of("").what_text, HasSubstr("no complete JSON"));
}

TEST(BadTrace, WithoutKernels) {
  ChromeText text;
  text.op("aten::mm", "[[8, 8], [8, 8]]");
  const SpecError error = error_of(text.text());
  EXPECT_EQ(error.what_text, "no kernel of a GPU");
  EXPECT_THAT(error.hint, HasSubstr("ProfilerActivity.CUDA"));
}

TEST(BadTrace, NegativeTimesNameTheEvent) {
  ChromeText text;
  text.step(0, 0, 100);
  text.kernel("gemm", 5, -1);
  const SpecError error = error_of(text.text());
  EXPECT_EQ(error.pointer, "/traceEvents/1");
  EXPECT_THAT(error.what_text, HasSubstr("'gemm' has no time span"));
}

TEST(BadTrace, TooFewSteps) {
  EXPECT_THAT(error_of(two_steps().text(), 3).what_text, HasSubstr("2 marked steps, 3 are wanted"));
}

TEST(BadTrace, AStepWithoutKernels) {
  ChromeText text = two_steps();
  text.step(9, 5000, 10);
  EXPECT_THAT(error_of(text.text(), 1).what_text, HasSubstr("no kernel starts in ProfilerStep#9"));
}

// Whatever a byte becomes, the answer is a trace or an error with a place.
TEST(BadTrace, MutationsAreReadOrRefused) {
  const std::string text = two_steps().text();
  RandomStream random(1, 0);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string mutated = text;
    mutated[random.below(mutated.size())] = static_cast<char>(32 + random.below(95));
    const OwnFile file("mutated.json");
    write(file, mutated);
    try {
      traced_steps(read_trace(file.path().string()), 2);
    } catch (const SpecError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace moesim
