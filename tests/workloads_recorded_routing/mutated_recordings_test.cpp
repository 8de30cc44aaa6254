// Recordings with flipped, cut and doubled bytes are read or refused with a place, and nothing else happens.
#include <functional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "tests/workloads_recorded_routing/recordings.hpp"

namespace moesim {
namespace {

using namespace test;

std::string mutated(std::string text, RandomStream& random) {
  const std::uint64_t faults = 1 + random.below(3);
  for (std::uint64_t i = 0; i < faults && !text.empty(); ++i) {
    const std::size_t at = random.below(text.size());
    switch (random.below(5)) {
      case 0:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text[at] = "0123456789,-{}[]()'\"\n"[random.below(21)];
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        text.insert(at, text.substr(at, random.below(20)));
        break;
      default:
        text.erase(at, random.below(10));
    }
  }
  return text;
}

struct Outcomes {
  int read = 0;
  int refused = 0;
};

Outcomes outcomes_of(const char* name, const std::string& text,
                     const std::function<void(const OwnFile&)>& read) {
  Outcomes outcomes;
  const OwnFile file(name);
  for (std::uint64_t i = 0; i < 800; ++i) {
    RandomStream random(11, stream_of(name), i);
    const std::string changed = mutated(text, random);
    write_text(file, changed);
    try {
      read(file);
      ++outcomes.read;
    } catch (const SpecError& error) {
      ++outcomes.refused;
      EXPECT_EQ(error.file, file.path().string());
      EXPECT_FALSE(error.what_text.empty());
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what() << "\n" << changed;
    }
  }
  EXPECT_GT(outcomes.refused, 200);
  return outcomes;
}

std::string counts_text(const char* name) {
  const OwnFile file(name);
  write_expert_counts(file.path(),
                      {"m", 4, {3, 4}, {7, 9}, {1, 2, 3, 4, 4, 3, 2, 1, 0, 5, 5, 0, 9, 1, 0, 0}});
  return read_text(file);
}

std::string ids_text(const char* name) {
  const OwnFile file(name);
  ExpertIdsWriter writer(file.path(), {2, 2, 64}, 20);
  writer.add(some_ids(20, 2, 2));
  writer.commit();
  return read_text(file);
}

TEST(MutatedRecordingsTest, AreReadOrRefused) {
  for (const char* name : {"mutated.json", "mutated.csv"}) {
    outcomes_of(name, counts_text(name), [](const OwnFile& file) {
      const ExpertCounts counts = read_expert_counts(file.path());
      EXPECT_EQ(counts.tokens.size(),
                counts.steps.size() * counts.num_layers() * static_cast<std::size_t>(counts.num_experts));
    });
  }
  for (const char* name : {"mutated.npy", "mutated.u16"}) {
    const Outcomes outcomes = outcomes_of(name, ids_text(name), [&](const OwnFile& file) {
      const bool raw = file.path().extension() == ".u16";
      ExpertIdsReader reader(file.path(), raw ? ExpertIdsShape{2, 2, 64} : ExpertIdsShape{0, 0, 64});
      for (const std::uint16_t id : read_all(reader, 3)) EXPECT_LT(id, 64);
    });
    EXPECT_GT(outcomes.read, 10);
  }
}

}  // namespace
}  // namespace moesim
