#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "cli/failure.hpp"
#include "cli/program.hpp"

int main(int argc, char** argv) {
  using namespace moesim;
  end_on_interrupt();
  try {
    return static_cast<int>(cli::run_program(std::vector<std::string>(argv + 1, argv + argc)));
  } catch (...) {
    const cli::Failure failure = cli::failure_of(std::current_exception());
    for (const cli::Fault& fault : failure.faults) std::cerr << "moesim: " << fault.text() << '\n';
    std::cerr << failure.table;
    return static_cast<int>(failure.code);
  }
}
