#pragma once

#include <vector>

#include "calib/measure/suite.hpp"

namespace moesim {

// One pair of functions for each bench family, in suite/FAMILY_cases.cpp:
//   std::vector<MeasuredCase> FAMILY_cases();
//   MeasuredCase FAMILY_random_case(RandomStream& random);

std::vector<MeasuredCase> gate_cases();
MeasuredCase gate_random_case(RandomStream& random);
std::vector<MeasuredCase> permute_cases();
MeasuredCase permute_random_case(RandomStream& random);
std::vector<MeasuredCase> unpermute_cases();
MeasuredCase unpermute_random_case(RandomStream& random);
std::vector<MeasuredCase> quantise_dispatch_cases();
MeasuredCase quantise_dispatch_random_case(RandomStream& random);
std::vector<MeasuredCase> dispatch_cases();
MeasuredCase dispatch_random_case(RandomStream& random);
std::vector<MeasuredCase> combine_cases();
MeasuredCase combine_random_case(RandomStream& random);
std::vector<MeasuredCase> collectives_cases();
MeasuredCase collectives_random_case(RandomStream& random);
std::vector<MeasuredCase> gemm_cases();
MeasuredCase gemm_random_case(RandomStream& random);
std::vector<MeasuredCase> grouped_gemm_cases();
MeasuredCase grouped_gemm_random_case(RandomStream& random);
std::vector<MeasuredCase> grouped_gemm_masked_cases();
MeasuredCase grouped_gemm_masked_random_case(RandomStream& random);
std::vector<MeasuredCase> expert_mlp_cases();
MeasuredCase expert_mlp_random_case(RandomStream& random);
std::vector<MeasuredCase> machine_cases();
MeasuredCase machine_random_case(RandomStream& random);
std::vector<MeasuredCase> contention_cases();
std::vector<MeasuredCase> elementwise_cases();
MeasuredCase elementwise_random_case(RandomStream& random);
std::vector<MeasuredCase> mla_decode_cases();
MeasuredCase mla_decode_random_case(RandomStream& random);
std::vector<MeasuredCase> mla_prefill_cases();
MeasuredCase mla_prefill_random_case(RandomStream& random);

}  // namespace moesim
