#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <vector>

#include "sim/serving/batching/serving_unit.hpp"

namespace moesim::test {

struct TimedWork {
  double time_s = 0;
  SequenceWork work;
};

/// A twin of ServingUnit that goes through every iteration and every sequence: without drafts, pauses,
/// swapping and cached tokens, ranks by fewest tokens.
class SlowUnit {
 public:
  explicit SlowUnit(UnitSpec spec);
  /// Plays all requests to their end; ordered by time.
  std::vector<UnitEvent> play(const std::vector<TimedWork>& works);

 private:
  struct Item {
    SequenceWork work;
    std::int64_t generated = 0;
    std::int64_t to_compute = 0;
    std::int64_t computed = 0;
    std::int64_t chunk = 0;
    std::int64_t admitted = 0;
    std::size_t rank = 0;
    bool decodes = false;
    bool started = false;
    bool seen_first = false;

    [[nodiscard]] std::int64_t tokens() const {
      return decodes || to_compute == 0 ? work.input_tokens + generated : to_compute;
    }
  };
  using Place = std::list<Item>::iterator;

  [[nodiscard]] std::int64_t blocks_of(std::int64_t tokens) const;
  [[nodiscard]] std::int64_t blocks(std::size_t rank) const;
  [[nodiscard]] std::int64_t tokens(std::size_t rank) const;
  void preempt();
  void admit();
  bool take_chunk(Item& item);
  void start_chunks();
  std::int64_t choose(const Item& item, bool& short_of_budget);
  double iterate();
  void finish();
  void say(const Item& item, UnitEventKind kind) { events_.push_back({now_, item.work.request, kind}); }

  UnitSpec spec_;
  std::size_t ranks_;
  double now_ = 0;
  bool blocked_ = false;
  std::int64_t admissions_ = 0;
  std::list<Item> running_;  ///< in order of admission
  std::deque<Item> waiting_;
  std::vector<std::int64_t> budget_;
  std::vector<std::int64_t> taken_;
  bool decoded_ = false;
  std::vector<UnitEvent> events_;
};

}  // namespace moesim::test
