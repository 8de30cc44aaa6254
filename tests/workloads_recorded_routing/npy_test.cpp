// Headers of .npy files as other programs write them, and what is wrong with some.
#include <fmt/format.h>

#include <vector>

#include "tests/workloads_recorded_routing/recordings.hpp"
#include "workloads/recorded_routing/npy_header.hpp"

namespace moesim {
namespace {

using namespace test;

/// A .npy file of format `version` around the text of a header and its values.
std::string npy(int version, const std::string& header, const std::string& values) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(version);
  text += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) text += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return text + header + values;
}

std::string header_of(const std::string& type, const std::string& shape,
                      const std::string& fortran = "False") {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}\n", type, fortran, shape);
}

std::string values_of(const std::vector<std::int64_t>& ids, std::size_t bytes) {
  std::string text;
  for (const std::int64_t id : ids) {
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(id >> (8 * i) & 0xff);
  }
  return text;
}

const std::vector<std::int64_t> kIds{1, 2, 3, 0, 2, 1, 0, 3};
const std::vector<std::uint16_t> kRead{1, 2, 3, 0, 2, 1, 0, 3};

TEST(NpyTest, ReadsItsTypesAndFormats) {
  for (const int version : {1, 2}) {
    for (const auto& [type, bytes] :
         std::vector<std::pair<std::string, std::size_t>>{{"<u2", 2}, {"<i4", 4}, {"<i8", 8}}) {
      const OwnFile file("types.npy");
      write_text(file, npy(version, header_of(type, "(2, 2, 2)"), values_of(kIds, bytes)));
      ExpertIdsReader reader(file.path(), {});
      EXPECT_EQ(reader.num_layers(), 2);
      EXPECT_EQ(reader.top_k(), 2);
      EXPECT_EQ(read_all(reader, 5), kRead);
    }
  }
}

TEST(NpyTest, TwoDimensionsAreOneLayer) {
  const OwnFile file("flat.npy");
  write_text(file, npy(1, header_of("<u2", "(4, 2)"), values_of(kIds, 2)));
  ExpertIdsReader reader(file.path(), {});
  EXPECT_EQ(reader.num_layers(), 1);
  EXPECT_EQ(reader.num_tokens(), 4);
  EXPECT_EQ(read_all(reader, 3), kRead);
}

TEST(NpyTest, KeysComeInAnyOrderAndQuotes) {
  const OwnFile file("order.npy");
  const std::string header = R"({"shape":(2,2,2),"fortran_order":False,"descr":"<u2"})";
  write_text(file, npy(1, header, values_of(kIds, 2)));
  ExpertIdsReader reader(file.path(), {2, 2, 4});
  EXPECT_EQ(read_all(reader, 5), kRead);
}

TEST(NpyTest, UnusedChoicesOfSignedTypesAreMinusOne) {
  const OwnFile file("unused.npy");
  write_text(file, npy(1, header_of("<i8", "(1, 1, 2)"), values_of({5, -1}, 8)));
  ExpertIdsReader strict(file.path(), {});
  expect_fault(file, "byte " + std::to_string(read_text(file).size() - 8), "expert -1 at token 0",
               [&] { read_all(strict, 1); });
  ExpertIdsReader reader(file.path(), {0, 0, 0, true});
  EXPECT_EQ(read_all(reader, 1), (std::vector<std::uint16_t>{5, kUnusedChoice}));
}

TEST(NpyTest, WrittenHeadersAreThoseOfNumpy) {
  // numpy.save of an array of shape (4, 2, 8): 128 bytes before the values, the version and the padding as
  // here.
  const std::string text = npy_header_text({4, 2, 8});
  EXPECT_EQ(text.size(), 128U);
  EXPECT_TRUE(text.starts_with(std::string_view("\x93NUMPY\x01\x00\x76\x00", 10)));
  EXPECT_TRUE(text.substr(10).starts_with("{'descr': '<u2', 'fortran_order': False, 'shape': (4, 2, 8), } "));
  EXPECT_TRUE(text.ends_with(" \n"));
}

struct Fault {
  std::string text;
  std::string pointer;
  std::string what;
};

TEST(NpyTest, FaultsNameTheirByte) {
  const std::string values = values_of(kIds, 2);
  const std::string good = npy(1, header_of("<u2", "(2, 2, 2)"), values);
  std::string magic = good;
  magic[1] = 'n';
  const auto end_of = [](const std::string& header) { return "byte " + std::to_string(10 + header.size()); };
  const std::string huge = header_of("<u2", "(9223372036854775807, 2, 2)");
  const std::vector<Fault> faults{
      {magic, "byte 0", "no .npy file"},
      {good.substr(0, 5), "byte 5", "ends inside the header"},
      {good.substr(0, 30), "byte 30", "ends inside the header"},
      {npy(3, header_of("<u2", "(2, 2, 2)"), values), "byte 6", "format 3.0"},
      {npy(2, "", "").substr(0, 8) + std::string("\xff\xff\xff\x7f", 4), "byte 8",
       "a header of 2147483647 bytes"},
      {npy(1, header_of(">u2", "(2, 2, 2)"), values), "byte 20", "values of another type"},
      {npy(1, header_of("<f4", "(2, 2, 2)"), values), "byte 20", "values of another type"},
      {npy(1, "{'descr': [('a', '<u2')], }", values), "byte 20", "an array of records"},
      {npy(1, header_of("<u2", "(2, 2, 2)", "True"), values), "byte 44", "Fortran order"},
      {npy(1, header_of("<u2", "(2, 2, 2)", "Maybe"), values), "byte 44", "neither True nor False"},
      {npy(1, header_of("<u2", "(8,)"), values), "byte 60", "1 dimensions"},
      {npy(1, header_of("<u2", "(2, 2, 2, 1)"), values), "byte 60", "4 dimensions"},
      {npy(1, header_of("<u2", "(0, 2, 2)"), values), "byte 60", "has no tokens"},
      {npy(1, header_of("<u2", "(2, 0, 2)"), values), "byte 60", "has 0 layers"},
      {npy(1, header_of("<u2", "(2, 1, 4)"), values), "byte 60", "has 1 layers"},
      {npy(1, header_of("<u2", "(1, 2, 4)"), values), "byte 60", "has 4 choices"},
      {npy(1, header_of("<u2", "(1, 2, 1000)"), values), "byte 60", "has 1000 choices"},
      {npy(1, header_of("<u2", "(-1, 2, 2)"), values), "byte 61", "no number here"},
      {npy(1, header_of("<u2", "(99999999999999999999, 2, 2)"), values), "byte 61", "no number here"},
      {npy(1, huge, values), end_of(huge + values), "ends inside token 2 of 9223372036854775807"},
      {npy(1, header_of("<u2", "(1, 2, 2)"), values), end_of(header_of("<u2", "(1, 2, 2)") + "12345678"),
       "8 bytes after the last token"},
      {npy(1, "{'descr': '<u2', 'fortran_order': False}", values),
       end_of("{'descr': '<u2', 'fortran_order': False}"), "lacks one of"},
      {npy(1, "{'descr': '<u2', 'descr': '<u2'}", values), "byte 27", "twice"},
      {npy(1, "{'kind': 1}", values), "byte 11", "unknown key"},
      {npy(1, header_of("<u2", "(2, 2, 2)") + "x", values), end_of(header_of("<u2", "(2, 2, 2)")),
       "text after the header"},
  };
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.text);
    const OwnFile file("faulty.npy");
    write_text(file, fault.text);
    expect_fault(file, fault.pointer, fault.what, [&] { ExpertIdsReader(file.path(), {2, 2, 4}); });
  }
}

TEST(NpyTest, UnderAnotherNameIsNoRawFile) {
  const OwnFile file("ids.bin");
  write_text(file, npy(1, header_of("<u2", "(2, 2, 2)"), values_of(kIds, 2)));
  expect_fault(file, "byte 0", "a .npy file under another name", [&] {
    ExpertIdsReader(file.path(), {2, 2, 4});
  });
}

}  // namespace
}  // namespace moesim
