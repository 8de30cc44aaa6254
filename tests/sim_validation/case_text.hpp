#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/validation/validation.hpp"

namespace moesim::test {

/// A case of one figure that every reader accepts; tests change what they are about.
inline Json plain_case() {
  return Json::parse(R"({
    "schema_version": 1, "id": "plain", "title": "a plain case", "role": "check",
    "scenario": {"kind": "training"},
    "sources": [{"id": "paper", "title": "A paper"}],
    "published": [{"metric": "step_time_s", "value": 2, "tolerance_fraction": 0.1, "source": "paper",
                   "where": "Table 1"}]})");
}

inline ValidationCase case_of(const Json& document) {
  auto validation_case = read_spec<ValidationCase>(document, "case.json");
  validation_case.path = "case.json";
  return validation_case;
}

/// An outcome whose result document has this summary.
inline WorkerOutcome done(const std::string& summary) {
  return {RawJson{R"({"kind": "training", "summary": )" + summary + "}"}, 0, ""};
}

/// A folder that goes away with the test.
class CaseFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("moesim_cases_") + info->name() + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const Json& document) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << document.dump();
  }

  std::filesystem::path folder_;
};

}  // namespace moesim::test
