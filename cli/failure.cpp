#include "cli/failure.hpp"

#include <new>
#include <nlohmann/json.hpp>

#include "base/spec.hpp"

namespace moesim::cli {
namespace {

Failure located(std::string kind, const LocatedError& error) {
  return {ExitCode::kInvalid, std::move(kind), {{error.file, error.pointer, error.what_text, error.hint}}};
}

Failure all_issues(const SpecErrors& error) {
  Failure failure{ExitCode::kInvalid, "spec", {}};
  for (const SpecIssue& issue : error.issues) {
    failure.faults.push_back({error.file, issue.pointer, issue.what, issue.hint});
  }
  return failure;
}

Failure all_violations(const PlanError& error, const std::string& file) {
  Failure failure{ExitCode::kInvalid, "plan", {}};
  for (const auto& violation : error.violations) {
    failure.faults.push_back({file, violation.pointer, violation.what, violation.hint});
  }
  return failure;
}

}  // namespace

std::string Fault::text() const {
  return LocatedError(file, pointer, what, hint).what();
}

Failure failure_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const SpecErrors& error) {
    return all_issues(error);
  } catch (const SpecError& error) {
    return located("spec", error);
  } catch (const CalibrationError& error) {
    return located("calibration", error);
  } catch (const ScenarioPlanError& error) {
    Failure failure = all_violations(error, error.file);
    failure.table = error.table;
    return failure;
  } catch (const PlanError& error) {
    return all_violations(error, "");
  } catch (const OutputError& error) {
    return {ExitCode::kInvalid, "output", {{error.path, "", error.what_text, error.hint}}};
  } catch (const std::bad_alloc&) {
    return {ExitCode::kRunFailed,
            "run",
            {{"", "", "out of memory", "simulate fewer GPUs or use a larger machine"}}};
  } catch (const std::exception& error) {
    return {ExitCode::kRunFailed, "run", {{"", "", error.what(), ""}}};
  }
}

Json error_event(const Failure& failure) {
  Json faults = Json::array();
  for (const Fault& fault : failure.faults) {
    faults.push_back(
        {{"file", fault.file}, {"pointer", fault.pointer}, {"what", fault.what}, {"hint", fault.hint}});
  }
  return {{"event", "error"},
          {"kind", failure.kind},
          {"exit_code", static_cast<int>(failure.code)},
          {"faults", std::move(faults)}};
}

}  // namespace moesim::cli
