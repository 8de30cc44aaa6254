#pragma once

#include <QString>
#include <QVector>
#include <cstdint>
#include <optional>
#include <vector>

#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// Copies of tokens between GPUs, of one step or of all, of one layer or of all.
struct NetworkTraffic {
  int numGpus = 0;
  int gpusPerNode = 1;
  double copyBytes = 0;  ///< of a copy; 0: unknown, then numbers are copies
  /// Copies between nodes go once to each node, to the GPU with the index of the source, and on over NVLink
  /// (normal mode); else each crosses the NICs of both GPUs (low-latency mode).
  bool isForwarded = true;
  std::vector<std::uint64_t> copies;  ///< that end on a GPU, [source][destination]

  [[nodiscard]] std::uint64_t at(int source, int destination) const {
    return copies[static_cast<std::size_t>(source) * static_cast<std::size_t>(numGpus) +
                  static_cast<std::size_t>(destination)];
  }
  [[nodiscard]] int nodeOf(int gpu) const { return gpu / gpusPerNode; }
};

/// What a port of a GPU carries.
enum class NetworkPort { nvlinkOut, nvlinkIn, nicOut, nicIn };
QString portName(NetworkPort port);

/// The load of one link: a port of a GPU (`to` is -1), or all that one GPU sends to another.
struct NetworkLink {
  int from = 0;
  int to = -1;
  NetworkPort port = NetworkPort::nvlinkOut;
  std::uint64_t copies = 0;
  double overMean = 0;  ///< over the mean of the links of its kind, those without load included
};

/// The name of the stream of copies.
inline constexpr const char* kTrafficStream = "gpu_traffic";

/// The copies of a cube of kTrafficStream summed over what is chosen: `step` nothing: every one, else the
/// last that is not after it; `layer` -1: every one. Empty where the cube is, or its width is no square.
NetworkTraffic trafficOf(const RunDocument& document, const pictures::LoadCube& cube,
                         std::optional<std::int64_t> step, int layer);

/// GPUs of a node: from the cluster of the result, else 8 (assumed), or as many as there are; 1 where that
/// does not divide `numGpus`.
int gpusPerNode(const Json& result, int numGpus);

/// Loads of all ports of the GPUs, by falling load; those of pairs that send anything.
QVector<NetworkLink> portLoads(const NetworkTraffic& traffic);
QVector<NetworkLink> pairLoads(const NetworkTraffic& traffic);

/// Copies through the ports of one kind, [GPUs]. Of forwarded traffic those of NICs are the most there can
/// be: a copy for several GPUs of a node crosses once, and the matrix does not tell which do.
std::vector<std::uint64_t> portCopies(const NetworkTraffic& traffic, NetworkPort port);

/// portName(), with "at most" where portCopies() is only a limit.
QString portText(NetworkPort port, const NetworkTraffic& traffic);

/// "12.5 MB", or "1,691 copies" where the bytes of one are unknown.
QString trafficText(std::uint64_t copies, const NetworkTraffic& traffic);

}  // namespace moesim::gui
