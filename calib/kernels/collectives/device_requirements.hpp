#pragma once

#include <nccl.h>
#include <nccl_device.h>

namespace moesim {

/// What kernels of `barriers` blocks ask of NCCL's device API. From NCCL 2.29 on the structure names its own
/// size and version, which the library's initialiser sets; that of 2.28 is zeroes.
inline ncclDevCommRequirements device_requirements(int barriers) {
#ifdef NCCL_DEV_COMM_REQUIREMENTS_INITIALIZER
  ncclDevCommRequirements needs = NCCL_DEV_COMM_REQUIREMENTS_INITIALIZER;
#else
  ncclDevCommRequirements needs{};
#endif
  needs.lsaBarrierCount = barriers;
  return needs;
}

}  // namespace moesim
