#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "workloads/requests/request.hpp"
#include "workloads/requests/workload_spec.hpp"

namespace moesim {

/// Requests by the laws of `spec`: lengths are drawn by the number of the request. Without arrivals all come
/// at time 0, for closed loops. Throws SpecError for sessions, named at `file`.
std::unique_ptr<RequestSource> generate_requests(const WorkloadSpec& spec, const std::string& file,
                                                 std::uint64_t seed, double from_s);

}  // namespace moesim
