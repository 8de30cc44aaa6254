// What the tests of DeepGEMM print: test_core.py of the first version, test_fp8.py, test_fp8_fp4.py and
// test_bf16.py of the second.
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "calib/import/logs/line_reader.hpp"
#include "calib/import/logs/log_points.hpp"

namespace moesim {

namespace {

constexpr std::string_view kPerf = "> Perf (m=64, n=2112, k=7168, ...): 9 us | 206 TFLOPS | 1688 GB/s";

enum class Part { dense, contiguous, masked, weight_gradient, k_grouped, other };

struct Section {
  std::string_view title;
  Part part;
};
constexpr std::array<Section, 9> kSections{{{"Testing GEMM:", Part::dense},
                                            {"Testing cuBLASLt GEMM:", Part::dense},
                                            {"Testing grouped contiguous GEMM:", Part::contiguous},
                                            {"Testing m-grouped contiguous GEMM:", Part::contiguous},
                                            {"Testing grouped masked GEMM:", Part::masked},
                                            {"Testing m-grouped masked GEMM:", Part::masked},
                                            {"Testing weight gradient GEMM:", Part::weight_gradient},
                                            {"Testing grouped weight gradient GEMM:", Part::k_grouped},
                                            {"Testing k-grouped contiguous GEMM:", Part::k_grouped}}};

/// The masked test of the second version draws the rows of each group within this share of the expected ones.
constexpr double kDrawnRows = 0.31;
/// Scales that the second version counts with FP8 operands: 4 bytes for 128 elements of each.
constexpr double kScales = 0.035;

/// One line of results.
struct Perf {
  std::map<std::string, std::string, std::less<>> fields;
  bool first_version = false;
  Printed time;                    ///< s
  std::optional<Printed> slowest;  ///< s
  Printed rate;                    ///< FLOP/s
  Printed bandwidth;               ///< B/s

  [[nodiscard]] bool has(std::string_view name) const { return fields.contains(name); }
  [[nodiscard]] bool is(std::string_view name, std::string_view value) const {
    const auto at = fields.find(name);
    return at != fields.end() && at->second == value;
  }
};

class DeepGemmLog {
 public:
  DeepGemmLog(const LogFile& log, LogPoints& out) : log_(log), out_(out) {}
  void read();

 private:
  Perf read_perf(std::size_t i) const;
  void add(const Perf& perf, std::size_t i);
  std::string reason_against(const Perf& perf) const;
  NumberFormat format_of_line(const Perf& perf, std::size_t i);
  double field(const Perf& perf, std::string_view name, std::size_t i) const;
  Entry shape_of(const Perf& perf, std::size_t i);
  void check(const Perf& perf, const Entry& entry, std::size_t i) const;
  std::string kernel_of(const Perf& perf) const;
  void end_section() const;

  const LogFile& log_;
  LogPoints& out_;
  std::optional<Part> part_;
  std::string_view title_;
  bool has_fp4_ = false;
  std::size_t in_section_ = 0;
  std::optional<NumberFormat> format_;
};

/// "SHAPE): [launch 5 us |] 12 us [(max: 13 us)] | [throughput:] 206 TFLOPS, 1688 GB/s [| 1.2x cuBLAS]"
Perf DeepGemmLog::read_perf(std::size_t i) const {
  LineReader line(log_, i, kPerf);
  Perf perf;
  line.need(">");
  perf.first_version = line.skip("Performance");
  if (!perf.first_version) line.need("Perf");
  line.need("(");
  perf.fields = fields_of(line.until("):"));
  if (line.skip("launch")) {
    line.number();
    line.need("us");
    line.need("|");
  }
  perf.time = line.time();
  if (line.skip("(max:")) {
    perf.slowest = line.time();
    line.need(")");
  }
  line.need("|");
  if (line.skip("throughput:")) perf.first_version = true;
  perf.rate = line.flop_rate();
  if (!line.skip("|")) line.need(",");
  perf.bandwidth = line.bandwidth();
  return perf;
}

double DeepGemmLog::field(const Perf& perf, std::string_view name, std::size_t i) const {
  const auto at = perf.fields.find(name);
  const auto value = at == perf.fields.end() ? std::nullopt : printed_number(at->second);
  if (!value || value->value <= 0)
    log_.fail(i, fmt::format("{} is no number above 0", name), fmt::format("expected '{}'", kPerf));
  return value->value;
}

std::string DeepGemmLog::reason_against(const Perf& perf) const {
  if (!part_ || *part_ == Part::other) return "kernels that a profile has no operator for";
  if (has_fp4_) return "FP4 operands";
  if (*part_ != Part::dense || perf.first_version) return "";
  if (perf.is("acc", "1")) return perf.has("FP32") ? "" : "results added to BF16";
  if (perf.has("FP32")) return "FP32 results";
  if (perf.has("layout") && !perf.is("layout", "NT") && !perf.is("layout", "NN"))
    return "both operands transposed";
  return "";
}

/// The FP8 tests name their scales (1D1D, 1D2D); the k-grouped ones of some releases name nothing and follow
/// the others of their format.
NumberFormat DeepGemmLog::format_of_line(const Perf& perf, std::size_t i) {
  if (perf.first_version || perf.has("1D1D") || perf.has("1D2D") || perf.has("gran_k"))
    format_ = NumberFormat::fp8;
  else if (*part_ != Part::k_grouped || perf.has("align"))
    format_ = NumberFormat::bf16;
  if (!format_)
    log_.fail(i, "the line does not say whether the operands are FP8 or BF16",
              "keep the parts of the log above it");
  return *format_;
}

Entry DeepGemmLog::shape_of(const Perf& perf, std::size_t i) {
  Entry entry;
  entry.format = format_of_line(perf, i);
  const double n = field(perf, "n", i);
  const bool grouped = *part_ != Part::dense && *part_ != Part::weight_gradient;
  const double groups = grouped ? field(perf, "num_groups", i) : 1;
  if (grouped) entry.axes["groups"] = groups;
  entry.op =
      !grouped ? TimedOperator::gemm
               : (*part_ == Part::masked ? TimedOperator::grouped_gemm_masked : TimedOperator::grouped_gemm);
  if (*part_ == Part::k_grouped) {
    entry.role = GemmRole::weight_gradient;
    entry.axes["m"] = field(perf, "m", i);
    entry.axes["k"] = perf.has("avg_k") ? field(perf, "avg_k", i) : field(perf, "k", i) / groups;
  } else {
    entry.axes["k"] = field(perf, "k", i);
    if (perf.has("m_per_group"))
      entry.axes["m"] = field(perf, "m_per_group", i);
    else if (*part_ == Part::masked)
      entry.axes["m"] = field(perf, "expected_m_per_group", i);
    else
      entry.axes["m"] = field(perf, "m", i) / groups;
  }
  entry.axes["n"] = n;
  if (*part_ == Part::weight_gradient || (*part_ == Part::dense && perf.is("acc", "1")))
    entry.role = GemmRole::weight_gradient;
  else if (perf.is("layout", "NN") && *part_ == Part::dense)
    entry.role = GemmRole::input_gradient;
  return entry;
}

/// Rate and bandwidth must follow from time and shape.
void DeepGemmLog::check(const Perf& perf, const Entry& entry, std::size_t i) const {
  const bool drawn = perf.has("expected_m_per_group");
  const double flops = flops_of(entry).value();
  if (!agree(flops, perf.time, perf.rate, drawn ? kDrawnRows : 0.002))
    log_.fail(i,
              fmt::format("{:.4g} operations in {:g} us are {:.4g} TFLOP/s, the line says {:g}", flops,
                          perf.time.value * 1e6, flops / perf.time.value / 1e12, perf.rate.value / 1e12),
              fmt::format("expected '{}'", kPerf));
  const bool plain = entry.role != GemmRole::weight_gradient && !drawn;
  const double bytes = claimed_work(entry).hbm_bytes;
  const bool at_least = agree(bytes, perf.time, perf.bandwidth);
  const bool with_scales = !perf.first_version && entry.format == NumberFormat::fp8 &&
                           agree(bytes * (1 + kScales / 2), perf.time, perf.bandwidth, kScales / 2);
  if (plain && !at_least && !with_scales)
    log_.fail(i,
              fmt::format("{:.4g} bytes in {:g} us are {:.4g} GB/s, the line says {:g}", bytes,
                          perf.time.value * 1e6, bytes / perf.time.value / 1e9, perf.bandwidth.value / 1e9),
              fmt::format("expected '{}'", kPerf));
}

std::string DeepGemmLog::kernel_of(const Perf& perf) const {
  if (title_ == "Testing cuBLASLt GEMM:") return "cuBLASLt, DeepGEMM tests";
  std::string name = perf.first_version ? "DeepGEMM V1" : "DeepGEMM V2";
  for (const std::string_view scales : {"1D1D", "1D2D"})
    if (perf.has(scales)) name += fmt::format(" {}", scales);
  return name;
}

void DeepGemmLog::add(const Perf& perf, std::size_t i) {
  if (std::string reason = reason_against(perf); !reason.empty()) {
    ++out_.unused[reason];
    return;
  }
  Entry entry = shape_of(perf, i);
  check(perf, entry, i);
  entry.kernel = kernel_of(perf);
  // Of time and rate the one with more digits; drawn rows make the rate that of another shape.
  if (!perf.has("expected_m_per_group") && perf.rate.value > 0 &&
      perf.rate.uncertainty() < perf.time.uncertainty())
    entry.rate = FlopsPerSecond(perf.rate.value);
  else
    entry.time = Seconds(perf.time.value);
  if (perf.slowest) entry.p90 = std::max(1.0, perf.slowest->value / perf.time.value);
  out_.add(std::move(entry), line_place(i));
}

void DeepGemmLog::end_section() const {
  if (part_ && *part_ != Part::other && in_section_ == 0) log_.fail_at_end(std::string(kPerf));
}

void DeepGemmLog::read() {
  for (std::size_t i = 0; i < log_.num_lines(); ++i) {
    const auto line = log_.line(i);
    const auto words = words_of(line);
    if (words.empty()) continue;
    if (words[0] == "Testing") {
      end_section();
      const auto* section = std::find_if(kSections.begin(), kSections.end(),
                                         [&](const Section& row) { return line.starts_with(row.title); });
      part_ = section == kSections.end() ? Part::other : section->part;
      title_ = section == kSections.end() ? std::string_view() : section->title;
      has_fp4_ = false;
      in_section_ = 0;
    } else if (line.find("is_fp4_a=") != std::string_view::npos) {
      has_fp4_ = line.find("=True") != std::string_view::npos;
    } else if (words[0] == ">" && words.size() > 1 && words[1].starts_with("Perf")) {
      if (!part_) log_.fail(i, "a result before the line of its part", "expected 'Testing GEMM:' above");
      ++in_section_;
      if (*part_ == Part::other)
        ++out_.unused["kernels that a profile has no operator for"];
      else
        add(read_perf(i), i);
    }
  }
  if (!part_)
    log_.fail(0, "no line of DeepGEMM's tests", fmt::format("expected 'Testing GEMM:' and '{}'", kPerf));
  end_section();
}

}  // namespace

LogPoints read_deepgemm(const LogFile& log, const LogSettings& /*settings*/) {
  LogPoints out;
  out.file = log.file();
  DeepGemmLog(log, out).read();
  return out;
}

}  // namespace moesim
