#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "calib/kernels/program/program.hpp"

namespace {

using moesim::ExitCode;

/// Prints what went wrong; the exit code of it.
ExitCode report(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const moesim::calibrate::UsageError& error) {
    std::cerr << "moesim-calibrate: " << error.what() << "\nTry 'moesim-calibrate --help'.\n";
    return ExitCode::kUsage;
  } catch (const moesim::LocatedError& error) {
    std::cerr << "moesim-calibrate: " << error.what() << '\n';
    return ExitCode::kInvalid;
  } catch (const moesim::OutputError& error) {
    std::cerr << "moesim-calibrate: " << error.what() << '\n';
    return ExitCode::kInvalid;
  } catch (const std::exception& error) {
    std::cerr << "moesim-calibrate: " << error.what() << '\n';
    return ExitCode::kRunFailed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  moesim::end_on_interrupt();
  try {
    return static_cast<int>(moesim::calibrate::run_program(std::vector<std::string>(argv + 1, argv + argc)));
  } catch (...) {
    return static_cast<int>(report(std::current_exception()));
  }
}
