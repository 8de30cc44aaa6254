#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// A result whose document is this text, with these curves and distributions.
inline DocumentPtr documentOf(const std::string& text, std::vector<Series> series = {},
                              const QString& path = QStringLiteral("result.json"),
                              std::vector<Histogram> histograms = {}) {
  RunParts parts;
  parts.path = path;
  parts.result = std::make_shared<const Json>(Json::parse(text));
  parts.series = std::move(series);
  parts.histograms = std::move(histograms);
  return std::make_shared<const RunDocument>(std::move(parts));
}

}  // namespace moesim::gui
