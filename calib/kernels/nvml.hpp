#pragma once

#include <memory>
#include <string>

namespace moesim {

/// What the management library of the driver (libnvidia-ml.so.1) says of one GPU. It is opened when the
/// program runs, so nothing links it; where it or a figure is missing, the figure is 0 or empty.
class Nvml {
 public:
  /// The device by its UUID, "GPU-xxxxxxxx-...".
  explicit Nvml(const std::string& uuid);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  [[nodiscard]] bool found() const;
  [[nodiscard]] std::string driver() const;    ///< e.g. "580.82.07"
  [[nodiscard]] double power_w() const;        ///< mean of the driver's last interval
  [[nodiscard]] double power_limit_w() const;  ///< as enforced

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace moesim
