#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/json.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/stack.hpp"

namespace moesim::test {

/// A GPU of round numbers: 100 SMs, 1 TB/s, 100 TFLOP/s in BF16 and 200 in FP8. Source "table" holds the
/// isolated entries, "trace" those of overlapped layers.
inline constexpr const char* kSmallProfile = R"({
  "schema_version": 1, "name": "small",
  "gpu": {"name": "Vendor G100", "num_sms": 100, "memory": "80 GiB", "hbm_bandwidth": "1 TB/s",
          "peak_bf16": "100 TFLOP/s", "peak_fp8": "200 TFLOP/s", "nvlink_bandwidth": "200 GB/s",
          "idle_power": "80 W", "peak_power": "700 W"},
  "sources": [{"id": "table", "title": "a table"}, {"id": "trace", "title": "a trace"},
              {"id": "bf16-table", "title": "a table of BF16"}, {"id": "practice", "title": "practice"}],
  "constants": [
    {"name": "attention_backward_ratio", "value": 3, "unit": "ratio", "provenance": "derived",
     "sources": ["trace"], "interval": [2.5, 3.5],
     "fallback": {"value": 2, "provenance": "assumed", "sources": ["practice"], "interval": [1.5, 4]}},
    {"name": "weight_gradient_rate_bf16", "value": 0.8, "unit": "ratio", "provenance": "assumed",
     "sources": ["practice"], "interval": [0.5, 1]},
    {"name": "weight_gradient_rate_fp8", "value": 0.8, "unit": "ratio", "provenance": "assumed",
     "sources": ["practice"], "interval": [0.5, 1]},
    {"name": "gemm_efficiency", "value": 0.5, "unit": "ratio", "provenance": "assumed",
     "sources": ["practice"], "interval": [0.4, 0.8]},
    {"name": "small_kernel_floor", "value": 2e-6, "unit": "s", "provenance": "assumed",
     "sources": ["practice"], "interval": [1e-6, 4e-6]},
    {"name": "small_kernel_bandwidth", "value": 0.5, "unit": "ratio", "provenance": "assumed",
     "sources": ["practice"], "interval": [0.4, 0.8]},
    {"name": "accumulation_bandwidth", "value": 0.5, "unit": "ratio", "provenance": "assumed",
     "sources": ["practice"], "interval": [0.4, 0.6]},
    {"name": "low_latency_start", "value": 20e-6, "unit": "s", "provenance": "derived",
     "sources": ["table"], "interval": [10e-6, 30e-6]}],
  "entries": []})";

/// An entry of kSmallProfile in short: `rest` holds its axes and measure, e.g.
/// R"("axes": {"m": 1, "n": 2, "k": 3}, "time": "1 us")".
inline Json entry(const std::string& op, const std::string& rest, const std::string& source = "table") {
  return parse_json(R"({"operator": ")" + op +
                        R"(", "gpu": "G100", "kernel": "library 1", "provenance": "published",
      "source": ")" + source +
                        "\", " + rest + "}",
                    "entry");
}

inline Json gemm_entry(int m, int n, int k, const std::string& time, const std::string& format = "fp8") {
  return entry("gemm",
               R"("format": ")" + format + R"(", "axes": {"m": )" + std::to_string(m) + ", \"n\": " +
                   std::to_string(n) + ", \"k\": " + std::to_string(k) + R"(}, "time": ")" + time + "\"",
               format == "bf16" ? "bf16-table" : "table");
}

inline Json small_document(std::initializer_list<Json> entries) {
  Json document = parse_json(kSmallProfile, "small.json");
  for (const Json& row : entries) document["entries"].push_back(row);
  return document;
}

inline CalibrationProfile small_profile(std::initializer_list<Json> entries, const SourceSet& excluded = {}) {
  return {read_spec<ProfileFile>(small_document(entries), "small.json"), excluded, "small.json"};
}

/// A stack of round numbers: sustained rate 0.8, GEMMs lose SMs and half their rate beside communication,
/// attention nothing.
inline constexpr const char* kSmallStack = R"({
  "schema_version": 1, "name": "small-stack",
  "sources": [{"id": "table", "title": "a table"}, {"id": "practice", "title": "practice"}],
  "kernels": [{"operator": "gemm", "source": "table"}, {"operator": "q_up", "source": "table", "factor": 2}],
  "fused": ["rope"], "small_kernel_bytes": {"permute": 3},
  "num_kernels": {"dispatch_forward": 4}, "graph_scope": "none",
  "sync_points": [{"phase": "dispatch_forward", "members": "expert_group", "host_waits": true}],
  "all_to_all": {"backend": "deepep_normal", "num_sms": 20, "num_chunks": 16, "dispatch_format": "fp8",
                 "combine_format": "bf16"},
  "slowdowns": [{"compute": "gemm", "contention": "compute_contention"},
                {"compute": "attention", "loses_sms": false}, {"compute": "small"}],
  "data_parallel": {"num_buckets": 1, "overlap_reduce": false, "overlap_gather": false}, "gradient_type": "fp32", "moment_type": "bf16",
  "constants": [
    {"name": "sustained_rate", "value": 0.8, "unit": "ratio", "provenance": "assumed",
     "sources": ["practice"], "interval": [0.7, 0.9]},
    {"name": "compute_contention", "value": 0.5, "unit": "ratio", "provenance": "fitted",
     "sources": ["table"], "cases": ["a-case"], "interval": [0.4, 0.6],
     "fallback": {"value": 1, "provenance": "assumed", "sources": ["practice"], "interval": [0.9, 1]}}]})";

inline Stack small_stack() {
  return read_spec<Stack>(parse_json(kSmallStack, "stack.json"), "stack.json");
}

}  // namespace moesim::test
