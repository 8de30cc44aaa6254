#include <utility>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

MeasuredCase contention_case(TimedOperator op, const char* name, std::vector<TimingRegime> regimes) {
  MeasuredCase point;
  point.group = "contention";
  point.op = op;
  point.name = name;
  point.regimes = std::move(regimes);
  return point;
}

/// SMs that communication takes in published set-ups, 0 (a GEMM alone) and two more.
void add_contention(std::vector<MeasuredCase>& cases) {
  const std::map<std::string, double> shape{{"m", 4096}, {"n", 7168}, {"k", 2048}};
  for (const NumberFormat format : {NumberFormat::bf16, NumberFormat::fp8}) {
    for (const double sms : {4, 8, 16, 20, 24, 32}) {
      cases.push_back(contention_case(TimedOperator::contention, "cublaslt", {TimingRegime::cold}));
      cases.back().format = format;
      cases.back().axes = shape;
      cases.back().axes["sms"] = sms;
      cases.back().quick = sms == 20;
    }
    cases.push_back(contention_case(TimedOperator::gemm, "cublaslt", {TimingRegime::cold}));
    cases.back().format = format;
    cases.back().axes = shape;
    cases.back().quick = true;
  }
}

void add_sustained(std::vector<MeasuredCase>& cases) {
  struct Shape {
    double m, n, k;
  };
  for (const NumberFormat format : {NumberFormat::bf16, NumberFormat::fp8}) {
    for (const Shape& shape : {Shape{4096, 7168, 16384}, Shape{8192, 4096, 7168}, Shape{128, 4096, 7168}}) {
      cases.push_back(
          contention_case(TimedOperator::gemm, "cublaslt", {TimingRegime::cold, TimingRegime::sustained}));
      cases.back().format = format;
      cases.back().axes = {{"m", shape.m}, {"n", shape.n}, {"k", shape.k}};
      cases.back().quick = format == NumberFormat::bf16 && shape.k == 16384;
    }
  }
}

}  // namespace

std::vector<MeasuredCase> contention_cases() {
  std::vector<MeasuredCase> cases;
  add_contention(cases);
  add_sustained(cases);
  return cases;
}

}  // namespace moesim
