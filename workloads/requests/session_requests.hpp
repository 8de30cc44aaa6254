#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "workloads/requests/request.hpp"
#include "workloads/requests/workload_spec.hpp"

namespace moesim {

/// Conversations, which begin at the times of `arrivals`, in order of arrival. A turn's prompt is the system
/// prompt, everything said before and new input of the stated law; the next one comes when the answer was
/// read and thought about. A prompt carries the hashes of its whole blocks: those of a system prompt are the
/// same for all its conversations, later ones belong to one conversation. Memory follows the conversations
/// that are open. Requests before `from_s` are passed over. Throws SpecError at /workload for conversations
/// without arrivals, or with stated cache hits.
std::unique_ptr<RequestSource> session_requests(const WorkloadSpec& spec, const std::string& file,
                                                std::uint64_t seed, double from_s);

}  // namespace moesim
