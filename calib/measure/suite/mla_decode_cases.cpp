#include <array>
#include <initializer_list>

#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

MeasuredCase decode_case(const char* variant, int heads, int queries, int batch, int length) {
  MeasuredCase point;
  point.group = "mla_decode";
  point.op = TimedOperator::mla_decode;
  point.name = variant;
  point.axes = {{"heads", heads}, {"queries", queries}, {"batch", batch}, {"length", length}};
  return point;
}

/// The corners of use: latency of one request, the batches that published tables hold, long caches.
bool is_quick(const MeasuredCase& point) {
  struct Corner {
    int heads, queries, batch, length;
  };
  static constexpr std::array<Corner, 7> kCorners{{{128, 1, 128, 4096},
                                                   {16, 1, 128, 4096},
                                                   {64, 1, 128, 4096},
                                                   {128, 2, 128, 4096},
                                                   {128, 1, 1, 4096},
                                                   {128, 1, 32, 16384},
                                                   {16, 1, 1, 512}}};
  for (const Corner& corner : kCorners) {
    if (point.axis("heads") == corner.heads && point.axis("queries") == corner.queries &&
        point.axis("batch") == corner.batch && point.axis("length") == corner.length)
      return true;
  }
  return false;
}

constexpr std::array<int, 3> kMeasuredHeads{128, 64, 16};

/// One query token: every number of heads and batch with short, middling and long caches.
void add_grid(std::vector<MeasuredCase>& cases, const char* variant, std::initializer_list<int> batches,
              std::initializer_list<int> lengths) {
  for (const int heads : kMeasuredHeads) {
    for (const int batch : batches) {
      for (const int length : lengths) {
        cases.push_back(decode_case(variant, heads, 1, batch, length));
        const bool in_graphs = length == 512 || length == 4096 || length == 16384;
        if (!in_graphs) cases.back().regimes = {TimingRegime::cold};
      }
    }
  }
}

/// Several query tokens at once, with 4096 tokens of cache.
void add_query_tokens(std::vector<MeasuredCase>& cases, const char* variant,
                      std::initializer_list<int> batches) {
  for (const int heads : kMeasuredHeads) {
    for (const int queries : {2, 4})
      for (const int batch : batches) cases.push_back(decode_case(variant, heads, queries, batch, 4096));
  }
}

}  // namespace

std::vector<MeasuredCase> mla_decode_cases() {
  std::vector<MeasuredCase> cases;
  add_grid(cases, "wgmma", {1, 4, 8, 16, 32, 64, 128, 256}, {512, 1024, 2048, 4096, 8192, 16384, 32768});
  add_query_tokens(cases, "wgmma", {1, 32, 128});
  for (MeasuredCase& point : cases) {
    point.quick = is_quick(point);
    // What power leaves of a decoding GPU's clocks, bound by operations (128 heads) and by memory (16).
    if (point.axis("batch") == 128 && point.axis("length") == 4096 && point.axis("queries") == 1)
      point.regimes.push_back(TimingRegime::sustained);
  }
  // Thinned, the twin makes whole curves too: it stands in where wgmma fails its check or cannot run.
  add_grid(cases, "mma", {1, 8, 32, 128}, {512, 4096, 16384});
  add_query_tokens(cases, "mma", {32});
  for (MeasuredCase& point : cases)
    if (point.name == "mma" && point.axis("heads") == 128 && point.axis("queries") == 2) point.quick = true;
  return cases;
}

MeasuredCase mla_decode_random_case(RandomStream& random) {
  static constexpr std::array<int, 5> kHeads{16, 24, 32, 64, 128};
  const char* variant = random.below(3) == 0 ? "mma" : "wgmma";
  const int heads = kHeads[random.below(kHeads.size())];
  const int queries = 1 + static_cast<int>(random.below(4));
  const int batch = 1 + static_cast<int>(random.below(40));
  const int length = 1 + static_cast<int>(random.below(3000));
  MeasuredCase point = decode_case(variant, heads, queries, batch, length);
  if (random.below(2) == 1) point.settings = {{"ragged", 1}};
  return point;
}

}  // namespace moesim
