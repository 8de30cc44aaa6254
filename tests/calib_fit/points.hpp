#pragma once

#include <string>
#include <vector>

#include "calib/profile/entry_table.hpp"
#include "calib/profile/profile_file.hpp"

namespace moesim::test {

/// 1 TB/s of HBM, 100 TFLOP/s in BF16, 200 in FP8, 200 GB/s of NVLink.
inline GpuFacts small_gpu() {
  GpuFacts gpu;
  gpu.name = "Vendor G100";
  gpu.num_sms = 100;
  gpu.memory = Bytes(80e9);
  gpu.hbm_bandwidth = BytesPerSecond(1e12);
  gpu.peak_bf16 = FlopsPerSecond(100e12);
  gpu.peak_fp8 = FlopsPerSecond(200e12);
  gpu.nvlink_bandwidth = BytesPerSecond(200e9);
  gpu.idle_power = Watts(80);
  gpu.peak_power = Watts(700);
  return gpu;
}

/// One point of the small GPU.
inline Entry point(TimedOperator op, std::map<std::string, double> axes, double seconds,
                   const std::string& kernel = "Lib 1") {
  Entry entry;
  entry.op = op;
  entry.axes = std::move(axes);
  entry.time = Seconds(seconds);
  entry.gpu = "Vendor G100";
  entry.kernel = kernel;
  entry.source = "tables";
  return entry;
}
inline Entry gemm(double m, double n, double k, double seconds, const std::string& kernel = "Lib 1") {
  return point(TimedOperator::gemm, {{"m", m}, {"n", n}, {"k", k}}, seconds, kernel);
}

/// A file without a point.
inline ProfileFile empty_file() {
  ProfileFile file;
  file.schema_version = kProfileSchemaVersion;
  file.name = "small";
  file.gpu = small_gpu();
  file.sources = {{"tables", "Tables", "", ""}};
  return file;
}

/// A file of points, as tables.
inline ProfileFile file_of(const std::vector<Entry>& points) {
  ProfileFile file = empty_file();
  file.tables = tables_of(points);
  return file;
}

}  // namespace moesim::test
