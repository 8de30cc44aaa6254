// What the tests of FlashMLA print: test_flash_mla.py, test_flash_mla_decoding.py and
// test_flash_mla_dense_decoding.py (latent attention in decode), test_fmha_sm100.py (prompts). Sparse
// kernels are counted.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "calib/import/logs/line_reader.hpp"
#include "calib/import/logs/log_points.hpp"

namespace moesim {

namespace {

constexpr std::string_view kResult = "0.215 ms, 85 TFLOPS, 2826 GB/s";
constexpr std::string_view kShape =
    "b=128, s_q=1, mean_sk=4096, h_q=16, h_kv=1, d=576, dv=512, causal=True, varlen=False";
constexpr double kLatentWidth = 576;
constexpr double kLatentValue = 512;
constexpr double kHalf = 2;  // bytes
/// Lengths that are drawn: their mean may differ from the stated one by about this share.
constexpr double kDrawnLengths = 0.3;

using Fields = std::map<std::string, std::string, std::less<>>;

/// A shape whose results are to come.
struct Shape {
  Fields fields;
  std::size_t line = 0;
  bool must_have_result = true;
  bool has_result = false;
};

class FlashMlaLog {
 public:
  FlashMlaLog(const LogFile& log, LogPoints& out) : log_(log), out_(out) {}
  void read();

 private:
  void start(std::string_view text, std::size_t i);
  void end_shape() const;
  void read_result(std::size_t i);
  void add_decode(LineReader& line, const Printed& time, const Printed& rate, std::size_t i);
  void add_prefill(LineReader& line, const Printed& time, const Printed& rate, std::size_t i);
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] bool is(std::string_view name, std::string_view value) const;
  [[nodiscard]] bool is_true(std::string_view a, std::string_view b) const {
    return is(a, "True") || is(b, "True");
  }
  [[nodiscard]] std::string reason_against_decode() const;
  void check_rate(const Entry& entry, const Printed& time, const Printed& rate, std::size_t i,
                  double slack) const;

  const LogFile& log_;
  LogPoints& out_;
  std::optional<Shape> shape_;
};

double FlashMlaLog::number(std::string_view name) const {
  const auto at = shape_->fields.find(name);
  const auto value = at == shape_->fields.end() ? std::nullopt : printed_number(at->second);
  if (!value || value->value <= 0)
    log_.fail(shape_->line, fmt::format("{} is no number above 0", name),
              fmt::format("expected '{}'", kShape));
  return value->value;
}

bool FlashMlaLog::is(std::string_view name, std::string_view value) const {
  const auto at = shape_->fields.find(name);
  return at != shape_->fields.end() && at->second == value;
}

void FlashMlaLog::start(std::string_view text, std::size_t i) {
  end_shape();
  Shape shape{fields_of(text), i, true, false};
  const auto wanted = shape.fields.find("test_performance");
  if (wanted != shape.fields.end()) shape.must_have_result = wanted->second == "True";
  shape_ = std::move(shape);
}

void FlashMlaLog::end_shape() const {
  if (shape_ && shape_->must_have_result && !shape_->has_result)
    log_.fail(shape_->line, "the result of this shape is missing",
              fmt::format("expected '{}' behind it", kResult));
}

std::string FlashMlaLog::reason_against_decode() const {
  if (is("is_fp8", "True")) return "FP8 cache";
  if (shape_->fields.contains("topk") && !is("topk", "None")) return "sparse attention";
  if (number("h_kv") != 1 || number("d") != kLatentWidth || number("dv") != kLatentValue)
    return "other than latent attention of 576 and 512";
  return "";
}

void FlashMlaLog::check_rate(const Entry& entry, const Printed& time, const Printed& rate, std::size_t i,
                             double slack) const {
  const double flops = flops_of(entry).value();
  if (agree(flops, time, rate, slack)) return;
  log_.fail(i,
            fmt::format("{:.4g} operations in {:g} us are {:.4g} TFLOP/s, the line says {:g}", flops,
                        time.value * 1e6, flops / time.value / 1e12, rate.value / 1e12),
            fmt::format("expected '{}'", kResult));
}

/// The bandwidth tells the mean of lengths that were drawn.
void FlashMlaLog::add_decode(LineReader& line, const Printed& time, const Printed& rate, std::size_t i) {
  const Printed bandwidth = line.bandwidth();
  if (const auto reason = reason_against_decode(); !reason.empty()) {
    ++out_.unused[reason];
    return;
  }
  const bool drawn = is_true("varlen", "is_varlen");
  const double batch = number("b"), queries = number("s_q"), heads = number("h_q");
  const double stated = number(shape_->fields.contains("mean_sk") ? "mean_sk" : "s_k");
  const double own = kHalf * queries * heads * (kLatentWidth + kLatentValue);
  const double length = std::round((bandwidth.value * time.value / batch - own) / (kHalf * kLatentWidth));
  const Printed cached{bandwidth.value, bandwidth.half_step};
  if (drawn ? std::abs(length / stated - 1) > kDrawnLengths
            : !agree(batch * (own + kHalf * kLatentWidth * stated), time, cached))
    log_.fail(i,
              fmt::format("{:g} GB/s in {:g} us are {:g} cached tokens of a sequence, the shape says {:g}",
                          bandwidth.value / 1e9, time.value * 1e6, length, stated),
              fmt::format("expected '{}'", kResult));
  Entry entry;
  entry.op = TimedOperator::mla_decode;
  entry.axes = {
      {"heads", heads}, {"queries", queries}, {"batch", batch}, {"length", drawn ? length : stated}};
  entry.time = Seconds(time.value);
  entry.kernel = drawn ? "FlashMLA, lengths drawn" : "FlashMLA";
  check_rate(entry, time, rate, i, drawn ? 0.01 : 0.002);
  out_.add(std::move(entry), line_place(i));
}

/// "..., name: fwd" or bwd. Sequences of equal heads count as heads where the operator has no batch.
void FlashMlaLog::add_prefill(LineReader& line, const Printed& time, const Printed& rate, std::size_t i) {
  if (line.skip("bwd")) {
    ++out_.unused["backward, which a profile has as its ratio to forward"];
    return;
  }
  line.need("fwd");
  if (is("varlen", "True") || !is("causal", "True") || number("mean_sq") != number("mean_sk")) {
    ++out_.unused["prompts that are not causal, or of several lengths"];
    return;
  }
  const double batch = number("b"), length = number("mean_sq"), heads = number("h"), kv_heads = number("h_k");
  const double dim = number("d"), value_dim = number("dv");
  Entry entry;
  if (dim == value_dim) {
    entry.op = TimedOperator::gqa_prefill;
    entry.axes = {
        {"head_dim", dim}, {"heads", heads}, {"kv_heads", kv_heads}, {"batch", batch}, {"length", length}};
  } else if (heads == kv_heads) {
    entry.op = TimedOperator::attention_prefill;
    entry.axes = {{"heads", batch * heads}, {"qk_dim", dim}, {"v_dim", value_dim}, {"length", length}};
  } else {
    ++out_.unused["grouped queries with values of another width"];
    return;
  }
  check_rate(entry, time, rate, i, 0.002);
  entry.time = Seconds(time.value);
  entry.kernel = "FlashMLA fmha";
  out_.add(std::move(entry), line_place(i));
}

void FlashMlaLog::read_result(std::size_t i) {
  if (!shape_) log_.fail(i, "a result before its shape", fmt::format("expected '{}' above", kShape));
  LineReader line(log_, i, kResult);
  const Printed time = line.time();
  line.need(",");
  const Printed rate = line.flop_rate();
  line.need(",");
  shape_->has_result = true;
  if (line.skip("name:"))
    add_prefill(line, time, rate, i);
  else
    add_decode(line, time, rate, i);
}

void FlashMlaLog::read() {
  bool any = false;
  for (std::size_t i = 0; i < log_.num_lines(); ++i) {
    const auto line = log_.line(i);
    const auto words = words_of(line);
    if (words.empty()) continue;
    if (words[0].starts_with("b=") && words.size() > 1) {
      start(line, i);
    } else if (const auto at = line.find("Running on TestParam("); at != std::string_view::npos) {
      const auto text = line.substr(at + 21);
      const auto end = text.rfind(')');
      if (end == std::string_view::npos)
        log_.fail(i, "')' is missing", "expected 'Running on TestParam(b=128, ...)...'");
      start(text.substr(0, end), i);
      if (!shape_->fields.contains("test_performance")) shape_->must_have_result = false;
    } else if (line.starts_with("Prefill:") || line.starts_with("Time (per):")) {
      ++out_.unused["sparse attention"];
    } else if (words.size() > 1 && printed_number(words[0]) && words[1].starts_with("ms")) {
      read_result(i);
    } else {
      continue;
    }
    any = true;
  }
  if (!any)
    log_.fail(0, "no line of FlashMLA's tests", fmt::format("expected '{}' and '{}'", kShape, kResult));
  end_shape();
}

}  // namespace

LogPoints read_flashmla(const LogFile& log, const LogSettings& /*settings*/) {
  LogPoints out;
  out.file = log.file();
  FlashMlaLog(log, out).read();
  return out;
}

}  // namespace moesim
