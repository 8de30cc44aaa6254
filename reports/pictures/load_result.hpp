#pragma once

#include <filesystem>
#include <string>

#include "reports/pictures/load_picture.hpp"

namespace moesim::pictures {

/// The record file of a result: the one in the folder of `moesim run -o`, or the file itself.
std::filesystem::path record_file(const std::filesystem::path& result);

/// The bytes of a picture of a result. Throws SpecError where `result` is no record file, holds no loads of
/// that kind, or lacks the layer or the step.
std::string draw_result(const LoadPicture& picture, const std::filesystem::path& result,
                        const LoadPictureOptions& options);

}  // namespace moesim::pictures
