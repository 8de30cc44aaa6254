#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/spec.hpp"
#include "tests/base/spec_example.hpp"
#include "tests/base/spec_mutation.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using example_spec::Layout;

constexpr const char* kPython = "/usr/bin/python3";

bool has_jsonschema() {
  const std::string probe =
      std::string(kPython) + " -c 'from jsonschema import Draft202012Validator' 2>/dev/null";
  return std::system(probe.c_str()) == 0;
}

/// One '1' or '0' for each document, as python3-jsonschema judges it.
std::string judged_by_schema(const Json& documents) {
  const test::OwnFile file("spec_schema_test.json");
  const std::filesystem::path& path = file.path();
  std::ofstream(path) << write_json(Json{{"schema", schema_of<Layout>()}, {"documents", documents}});
  const std::string command = std::string(kPython) + " tests/base/spec_schema_check.py " + path.string();
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string verdicts;
  for (int c = std::fgetc(pipe.get()); c != EOF && c != '\n'; c = std::fgetc(pipe.get())) {
    verdicts += static_cast<char>(c);
  }
  return verdicts;
}

/// A fault that a schema cannot see: a bound of a quantity or a condition over several keys.
bool is_beyond_schema(const SpecErrors& error) {
  for (const SpecIssue& issue : error.issues) {
    const bool of_quantity = issue.what.find("must be") != std::string::npos &&
                             issue.what.find("got the text") != std::string::npos;
    const bool of_range =
        issue.what.find("range") != std::string::npos || issue.what.find("finite") != std::string::npos;
    if (!of_quantity && !of_range && issue.pointer != "/router") return false;
  }
  return true;
}

/// '1' accepted, '0' refused, '?' refused for what no schema sees.
char judged_by_reader(const Json& document) {
  try {
    read_spec<Layout>(document, "");
    return '1';
  } catch (const SpecErrors& error) {
    return is_beyond_schema(error) ? '?' : '0';
  }
}

TEST(SpecSchema, AcceptsAndRefusesWhatTheReaderDoes) {
  if (!has_jsonschema()) GTEST_SKIP() << "python3-jsonschema is not installed";
  std::mt19937 random(20);
  Json documents = Json::array({parse_json(mutation::kFullLayout, "")});
  for (int i = 0; i < 600; ++i) {
    Json document = documents[0];
    mutation::of_value(document, random);
    documents.push_back(document);
  }
  const std::string verdicts = judged_by_schema(documents);
  ASSERT_EQ(verdicts.size(), documents.size());
  EXPECT_EQ(verdicts[0], '1');
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const char reader = judged_by_reader(documents[i]);
    if (reader == '?') continue;
    EXPECT_EQ(reader, verdicts[i]) << write_json(documents[i], -1);
  }
}

}  // namespace
}  // namespace moesim
