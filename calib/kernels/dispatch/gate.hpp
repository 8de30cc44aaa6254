#pragma once

#include <cuda_runtime_api.h>

#include "calib/measure/gate_reference.hpp"

namespace moesim {

/// Why the gate kernel cannot take this shape; null where it can.
const char* gate_refusal(const GateShape& shape);

/// Gates of all tokens, a warp a token: as gate_reference() says, in FP32. `logits` [tokens, experts], `bias`
/// [experts]; out: `experts` and `weights` [tokens, top_k], the greatest biased score first. Asynchronous;
/// throws CudaError where the launch fails. The shape must have no gate_refusal().
void launch_gate(const GateShape& shape, const float* logits, const float* bias, int tokens, int* experts,
                 float* weights, int num_sms, cudaStream_t stream);

}  // namespace moesim
