#include <CLI/App.hpp>
#include <array>

#include "cli/calibration_command.hpp"

namespace moesim::cli {
namespace {

constexpr auto kImportKinds = std::to_array<Command>({
    {"kernel-tables", "Import tables of measured kernels", declare_import_kernel_tables},
    {"trace", "Make a private profile and stack of a trace of your own job", declare_import_trace},
    {"nccl-tests", "Import the output of nccl-tests, text or JSON", declare_import_nccl_tests},
    {"deepep", "Import the output of DeepEP's tests", declare_import_deepep},
    {"deepgemm", "Import the output of DeepGEMM's tests", declare_import_deepgemm},
    {"flashmla", "Import the output of FlashMLA's tests", declare_import_flashmla},
});

}  // namespace

Action declare_calibration_import(CLI::App& app) {
  app.footer(
      "Examples:\n  moesim calibration import kernel-tables gemm.csv.gz --gpu h100.json --name my-h100 -o "
      "my-h100-points.json");
  return declare_each(app, kImportKinds);
}

}  // namespace moesim::cli
