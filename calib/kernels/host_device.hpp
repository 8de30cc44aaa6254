#pragma once

// Index maths that kernels and their CPU tests share: compiled by nvcc for both sides, by g++ for the host.
#ifdef __CUDACC__
#define MOESIM_HOST_DEVICE __host__ __device__
#else
#define MOESIM_HOST_DEVICE
#endif
