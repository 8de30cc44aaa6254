#pragma once

#include "calib/kernels/mla_prefill/prefill_params.hpp"

namespace moesim {

// The three steps of launch_prefill_backward.
void launch_prefill_delta(const PrefillParams& params, cudaStream_t stream);
void launch_prefill_key_value_gradient(const PrefillParams& params, cudaStream_t stream);
void launch_prefill_query_gradient(const PrefillParams& params, cudaStream_t stream);

}  // namespace moesim
