#pragma once

#include <fstream>
#include <string>

#include "calib/import/import_tables.hpp"
#include "tests/own_file.hpp"

namespace moesim::test {

/// A table on disk.
struct TableFile {
  OwnFile file;
  TableFile(const std::string& name, const std::string& text) : file(name) {
    std::ofstream(file.path(), std::ios::binary) << text;
  }
};

inline const std::string kGemmColumns =
    "framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\n";

/// One line of a table of GEMMs; `latency` in milliseconds.
inline std::string gemm_line(const std::string& dtype, int m, int n, int k, const std::string& latency,
                             const std::string& version = "1.0") {
  return "Lib," + version + ",G100,gemm,dense," + dtype + "," + std::to_string(m) + "," + std::to_string(n) +
         "," + std::to_string(k) + "," + latency + "\n";
}

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

inline ProfileFile imported(const std::vector<std::filesystem::path>& files, ImportReport& report) {
  TableImport import;
  import.files = files;
  import.name = "small";
  import.gpu = small_gpu();
  return import_tables(import, report);
}

inline ProfileFile imported(const std::string& text, ImportReport& report) {
  const TableFile table("table.csv", text);
  return imported(std::vector{table.file.path()}, report);
}

}  // namespace moesim::test
