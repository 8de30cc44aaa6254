// Tables that cannot be read: file, line, fault and hint.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/calib_import/table_text.hpp"

namespace moesim {
namespace {

using test::gemm_line;
using test::imported;
using test::kGemmColumns;
using test::TableFile;

SpecError error_of(const std::string& text) {
  ImportReport report;
  try {
    (void)imported(text, report);
  } catch (const SpecError& error) {
    EXPECT_FALSE(error.hint.empty()) << error.what();
    return error;
  }
  ADD_FAILURE() << "read: " << text;
  return {"", "", "", ""};
}

TEST(BadTable, NamesLineAndFault) {
  const std::string good = gemm_line("bfloat16", 1024, 1024, 1024, "0.05");
  const struct {
    std::string text, pointer, what;
  } cases[] = {
      {kGemmColumns + good + gemm_line("bfloat16", 1024, 1024, 1024, "-0.05"), "line 3",
       "-0.05 of latency is negative"},
      {kGemmColumns + gemm_line("bfloat16", 0, 1024, 1024, "0.05"), "line 2", "m is 0"},
      {kGemmColumns + gemm_line("bfloat16", 1, 1024, 1024, "fast"), "line 2",
       "'fast' of latency is no number"},
      {kGemmColumns + gemm_line("bfloat16", 1, 1024, 1024, "nan"), "line 2", "'nan' of latency is no number"},
      {kGemmColumns + gemm_line("bfloat16", 1, 1024, 1024, "1 us"), "line 2",
       "'1 us' of latency is no number"},
      {kGemmColumns + good + "\n" + "Lib,1,G100\n", "line 4", "3 fields for 10 columns"},
      {"device,gemm_dtype,m,n,latency\nG100,bfloat16,1,1,1\n", "line 1", "no column 'k'"},
      {"device,gemm_dtype,m,m,k,latency\nG100,bfloat16,1,1,1,1\n", "line 1", "a second column 'm'"},
      {"device,batch,latency\nG100,1,1\n", "line 1", "no table that can be imported"},
      {kGemmColumns, "", "no rows"},
      {"", "", "no rows"},
      {kGemmColumns + gemm_line("int4_wo", 1, 1024, 1024, "0.05"), "", "no row can be used"},
      {kGemmColumns + good + "Lib,1,G200,gemm,dense,bfloat16,1,1,1,1\n", "line 3", "'G200' behind 'G100'"},
  };
  for (const auto& one : cases) {
    const SpecError error = error_of(one.text);
    EXPECT_EQ(error.pointer, one.pointer) << one.text;
    EXPECT_EQ(error.what_text, one.what) << one.text;
  }
}

TEST(BadTable, RefusesAMissingFileAndDamagedGzip) {
  ImportReport report;
  EXPECT_THROW((void)imported(std::vector<std::filesystem::path>{"/no/such.csv.gz"}, report), SpecError);
  EXPECT_THROW((void)imported(std::string("\x1f\x8b\x08\x00 damaged", 12), report), SpecError);
}

TEST(BadTable, RefusesTablesOfTwoGpus) {
  const TableFile a("a.csv", kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.05"));
  const TableFile b("b.csv", kGemmColumns + "Lib,1,G200,gemm,dense,bfloat16,1024,1024,1024,0.05\n");
  ImportReport report;
  EXPECT_THROW((void)imported({a.file.path(), b.file.path()}, report), SpecError);
}

}  // namespace
}  // namespace moesim
