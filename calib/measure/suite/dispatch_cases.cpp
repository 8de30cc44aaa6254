#include <array>

#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

constexpr double kHidden = 7168;

MeasuredCase elementwise(const char* group, const char* name, NumberFormat format, double rows,
                         double columns) {
  MeasuredCase point;
  point.group = group;
  point.op = TimedOperator::elementwise;
  point.name = name;
  point.format = format;
  point.axes = {{"rows", rows}, {"columns", columns}};
  return point;
}

MeasuredCase with(MeasuredCase point, const char* setting, double value) {
  point.settings[setting] = value;
  return point;
}

MeasuredCase quick(MeasuredCase point) {
  point.quick = true;
  return point;
}

/// A kernel over the rows of tokens: balanced, skewed, and at the width of smaller models.
std::vector<MeasuredCase> row_cases(const char* group, const char* name, NumberFormat format) {
  std::vector<MeasuredCase> cases;
  for (double tokens : {16, 128, 512, 1024, 4096, 16384}) {
    MeasuredCase point = elementwise(group, name, format, tokens, kHidden);
    point.quick = tokens == 128 || tokens == 4096;
    cases.push_back(point);
  }
  cases.push_back(with(elementwise(group, name, format, 4096, kHidden), "exponent", 1));
  cases.push_back(elementwise(group, name, format, 4096, 2048));
  return cases;
}

MeasuredCase random_rows(const char* group, const char* name, NumberFormat format, RandomStream& random) {
  const auto tokens = static_cast<double>(1 + random.below(3000));
  MeasuredCase point =
      elementwise(group, name, format, tokens, 128 * static_cast<double>(1 + random.below(64)));
  point.settings = {{"top_k", static_cast<double>(1 + random.below(10))},
                    {"exponent", static_cast<double>(random.below(4)) * 0.4}};
  return point;
}

}  // namespace

std::vector<MeasuredCase> gate_cases() {
  std::vector<MeasuredCase> cases;
  for (double tokens : {1, 16, 64, 128, 512, 1024, 4096, 16384}) {
    MeasuredCase point = elementwise("gate", "gate", NumberFormat::fp32, tokens, 256);
    point.quick = tokens == 128 || tokens == 4096;
    cases.push_back(point);
  }
  cases.push_back(with(elementwise("gate", "gate", NumberFormat::fp32, 4096, 256), "bias_sigma", 0.5));
  MeasuredCase ungrouped = elementwise("gate", "gate", NumberFormat::fp32, 4096, 128);
  ungrouped.settings = {{"groups", 1}, {"kept_groups", 1}};
  cases.push_back(ungrouped);
  for (double tokens : {128, 1024, 4096, 16384})
    cases.push_back(elementwise("gate", "count", NumberFormat::fp32, tokens, 256));
  cases.push_back(quick(with(elementwise("gate", "count", NumberFormat::fp32, 4096, 256), "exponent", 1)));
  return cases;
}

MeasuredCase gate_random_case(RandomStream& random) {
  struct Shape {
    double experts, groups;
  };
  constexpr std::array<Shape, 7> kShapes{
      {{64, 1}, {128, 1}, {128, 4}, {256, 1}, {256, 4}, {256, 8}, {384, 1}}};
  const Shape shape = kShapes[random.below(kShapes.size())];
  const auto tokens = static_cast<double>(1 + random.below(5000));
  const auto top_k = static_cast<double>(1 + random.below(10));
  if (random.below(2) == 0) {
    MeasuredCase point = elementwise("gate", "count", NumberFormat::fp32, tokens, shape.experts);
    point.settings = {{"top_k", top_k},
                      {"ranks", static_cast<double>(std::uint64_t{1} << random.below(7))},
                      {"exponent", static_cast<double>(random.below(4)) * 0.4}};
    return point;
  }
  MeasuredCase point = elementwise("gate", "gate", NumberFormat::fp32, tokens, shape.experts);
  const auto groups = static_cast<std::uint64_t>(shape.groups);
  point.settings = {{"top_k", top_k},
                    {"groups", shape.groups},
                    {"kept_groups", static_cast<double>(1 + random.below(groups))},
                    {"bias_sigma", static_cast<double>(random.below(4)) * 0.2}};
  return point;
}

std::vector<MeasuredCase> permute_cases() {
  return row_cases("permute", "permute", NumberFormat::bf16);
}

MeasuredCase permute_random_case(RandomStream& random) {
  return random_rows("permute", "permute", NumberFormat::bf16, random);
}

std::vector<MeasuredCase> unpermute_cases() {
  return row_cases("unpermute", "unpermute", NumberFormat::bf16);
}

MeasuredCase unpermute_random_case(RandomStream& random) {
  return random_rows("unpermute", "unpermute", NumberFormat::bf16, random);
}

std::vector<MeasuredCase> quantise_dispatch_cases() {
  return row_cases("quantise_dispatch", "quantise_permute", NumberFormat::fp8);
}

MeasuredCase quantise_dispatch_random_case(RandomStream& random) {
  return random_rows("quantise_dispatch", "quantise_permute", NumberFormat::fp8, random);
}

}  // namespace moesim
