#pragma once

#include <functional>
#include <string>

namespace moesim {

/// Runs `work` in a forked child of this process and returns the bytes that it returned there.
/// The child has a copy of this process's memory, dies with this process and leaves through _exit, so that
/// neither exit handlers nor destructors of this process run in it; nor do its handlers of interrupts. Other
/// threads of this process do not exist in the child, and the locks that they hold stay locked. Throws
/// RunError with the text of an exception that left `work`, or with how the child ended when it died.
std::string call_in_child(const std::function<std::string()>& work);

/// Told how far something is, in [0, 1].
using ReportProgress = std::function<void(double fraction)>;
/// The same for work that reports: what it says in the child is said to `progress` here, in its order and by
/// the calling thread.
std::string call_in_child(const std::function<std::string(const ReportProgress& report)>& work,
                          const ReportProgress& progress);

}  // namespace moesim
