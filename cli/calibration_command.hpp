#pragma once

#include <span>

#include "cli/command.hpp"

namespace moesim::cli {

/// Declares every subcommand of `table` under `app`; the action is that of the subcommand which was parsed.
Action declare_each(CLI::App& app, std::span<const Command> table);

/// Subcommands of `moesim calibration`, a file each.
Action declare_calibration_import(CLI::App& app);
Action declare_calibration_fit(CLI::App& app);
Action declare_calibration_check(CLI::App& app);
Action declare_calibration_merge(CLI::App& app);
Action declare_calibration_show(CLI::App& app);
Action declare_calibration_carry(CLI::App& app);

/// Kinds of `moesim calibration import`, a file each.
Action declare_import_kernel_tables(CLI::App& app);
Action declare_import_trace(CLI::App& app);
Action declare_import_nccl_tests(CLI::App& app);
Action declare_import_deepep(CLI::App& app);
Action declare_import_deepgemm(CLI::App& app);
Action declare_import_flashmla(CLI::App& app);

}  // namespace moesim::cli
