#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reports/pictures/canvas.hpp"
#include "reports/pictures/load_survey.hpp"
#include "reports/pictures/theme.hpp"

namespace moesim::pictures {

/// A picture of one load stream.
struct LoadPicture {
  std::string_view name;  ///< of --picture
  std::string_view doc;
  std::string_view stream;
  std::string_view title;
  std::string_view noun;      ///< what a row of its heat maps is
  std::string_view recorded;  ///< which keys of a scenario record the stream
};

/// Every picture that there is, in the order of the help.
inline constexpr auto kLoadPictures = std::to_array<LoadPicture>({
    {"expert-load", "tokens of experts", "expert_load", "Expert load", "expert", "record.every"},
    {"gpu-load", "tokens of GPUs, as experts are placed", "gpu_load", "GPU load", "GPU", "record.every"},
    {"slot-load", "tokens of slots, which hold the copies of experts", "slot_load", "Slot load", "slot",
     "placement.redundant_experts with record.every"},
    {"node-load", "tokens of nodes, as experts are placed", "node_load", "Node load", "node", "record.every"},
    {"slot-load-after-eplb", "tokens of slots, as EPLB beside the placement would fill them",
     "slot_load_after_eplb", "Slot load after EPLB", "slot", "placement.what_if with record.every"},
    {"gpu-load-after-eplb", "tokens of GPUs, as EPLB beside the placement would fill them",
     "gpu_load_after_eplb", "GPU load after EPLB", "GPU", "placement.what_if with record.every"},
});

/// A part of a picture; "all" draws them together.
enum class LoadPanel { all, steps, layers, violation };
struct NamedChoice {
  std::string_view name;
  std::string_view doc;
};
/// In the order of LoadPanel.
inline constexpr auto kLoadPanels = std::to_array<NamedChoice>({
    {"all", "the three of them"},
    {"steps", "one layer over all steps"},
    {"layers", "every layer at one step"},
    {"violation", "MaxVio over steps"},
});

/// Of colours and MaxVio: logarithmic or not, or as the loads ask for.
enum class LoadScale { automatic, linear, logarithmic };
/// In the order of LoadScale.
inline constexpr auto kLoadScales = std::to_array<NamedChoice>({
    {"auto", "log where a load shown is above 8 times the mean, else linear"},
    {"linear", ""},
    {"log", ""},
});

/// What is drawn, and how.
struct LoadPictureOptions {
  PictureFormat format = PictureFormat::png;
  int width = 1600;   ///< pixels, from kMinWidth
  int height = 1000;  ///< pixels, from kMinHeight
  const Theme* theme = &kThemes[0];
  LoadPanel panel = LoadPanel::all;
  std::optional<int> layer;          ///< absent: the one with the largest mean MaxVio
  std::optional<std::int64_t> step;  ///< absent: the last one
  bool sorted = false;               ///< rows by their tokens over all steps, the heaviest at the top
  LoadScale scale = LoadScale::automatic;
  std::optional<double> most;  ///< the load over the mean that has the last colour, above 1
};

inline constexpr int kMinWidth = 800;
inline constexpr int kMinHeight = 500;
inline constexpr int kMaxSide = 8192;

/// What stands above a picture, and which file faults name.
struct LoadPictureHead {
  std::string source;
  std::string model;
  std::string subtitle;
};

/// The bytes of a picture: a heat map of one layer over steps, one of all layers at a step, and MaxVio over
/// steps. Each pixel of a heat map is the maximum of its cells, the band of MaxVio reaches from least to
/// greatest of layers and of the steps of a pixel. Reads the rows two times; memory is O(pixels + layers *
/// width). Throws SpecError where there are no rows, or the layer or the step was not recorded.
std::string draw_load_picture(const LoadPicture& picture, const LoadPictureHead& head, const ReadLoads& rows,
                              const LoadPictureOptions& options);

}  // namespace moesim::pictures
