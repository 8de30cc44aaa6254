#include <CLI/App.hpp>
#include <array>

#include "cli/calibration_command.hpp"

namespace moesim::cli {
namespace {

constexpr auto kImportKinds = std::to_array<Command>({
    {"kernel-tables", "Import tables of measured kernels", declare_import_kernel_tables},
    {"trace", "Make a private profile and stack of a trace of your own job", declare_import_trace},
});

}  // namespace

Action declare_calibration_import(CLI::App& app) {
  app.footer(
      "Examples:\n  moesim calibration import kernel-tables gemm.csv.gz --gpu h100.json --name my-h100 -o "
      "my-h100-points.json");
  return declare_each(app, kImportKinds);
}

}  // namespace moesim::cli
