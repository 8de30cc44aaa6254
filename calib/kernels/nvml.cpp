#include "calib/kernels/nvml.hpp"

#include <dlfcn.h>

#include <array>

namespace moesim {

namespace {

// The few declarations of nvml.h (NVML API reference) that are needed; a return of 0 is success.
using Device = void*;

}  // namespace

struct Nvml::Library {
  void* handle = nullptr;
  Device device = nullptr;

  template <class Function>
  Function* find(const char* name) const {
    return handle == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(handle, name));
  }
  [[nodiscard]] unsigned figure(const char* name) const {
    auto* const get = find<int(Device, unsigned*)>(name);
    unsigned value = 0;
    return device != nullptr && get != nullptr && get(device, &value) == 0 ? value : 0;
  }
};

Nvml::Nvml(const std::string& uuid) : library_(std::make_unique<Library>()) {
  library_->handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  auto* const init = library_->find<int()>("nvmlInit_v2");
  if (init == nullptr || init() != 0) return;
  auto* const get = library_->find<int(const char*, Device*)>("nvmlDeviceGetHandleByUUID");
  if (get == nullptr || get(uuid.c_str(), &library_->device) != 0) library_->device = nullptr;
}

Nvml::~Nvml() {
  if (auto* const shutdown = library_->find<int()>("nvmlShutdown")) shutdown();
  if (library_->handle != nullptr) dlclose(library_->handle);
}

bool Nvml::found() const {
  return library_->device != nullptr;
}

std::string Nvml::driver() const {
  std::array<char, 96> text{};
  auto* const get = library_->find<int(char*, unsigned)>("nvmlSystemGetDriverVersion");
  if (!found() || get == nullptr || get(text.data(), text.size() - 1) != 0) return "";
  return text.data();
}

double Nvml::power_w() const {
  return library_->figure("nvmlDeviceGetPowerUsage") / 1e3;
}

double Nvml::power_limit_w() const {
  return library_->figure("nvmlDeviceGetEnforcedPowerLimit") / 1e3;
}

}  // namespace moesim
