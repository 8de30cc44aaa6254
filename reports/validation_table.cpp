#include "reports/validation_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kRoles{{
    {"check", "Checks: nothing they use comes from their source"},
    {"fit", "Fits: constants were fitted on them"},
    {"range", "Ranges: best and worst over plausible variants"},
}};

const Json& part(const Json& object, std::string_view key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(std::string(key));
  return found == object.end() ? kNothing : *found;
}

std::string text(const Json& object, std::string_view key) {
  const Json& value = part(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::string number_text(const Json& value, MetricUnit unit) {
  return value.is_number() ? metric_text(value.get<double>(), unit) : "";
}

std::string predicted_text(const Json& figure, MetricUnit unit) {
  const Json& low = part(figure, "low");
  const Json& high = part(figure, "high");
  if (low.is_number() && high.is_number()) {
    const std::string num = number_text(part(figure, "variants"), MetricUnit::count);
    return fmt::format("{} to {}{}", number_text(low, unit), number_text(high, unit),
                       num.empty() ? num : fmt::format(" ({} variants)", num));
  }
  return number_text(part(figure, "predicted"), unit);
}

/// Sources in the order of their first use; figures name them by number.
class Sources {
 public:
  std::string mark_of(const std::string& source) {
    if (source.empty()) return "";
    const auto found = std::ranges::find(sources_, source);
    const auto index = found - sources_.begin();
    if (found == sources_.end()) sources_.push_back(source);
    return fmt::format("[{}]", index + 1);
  }

  [[nodiscard]] std::string list(TableForm form) const {
    std::string lines;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      lines += fmt::format("{}[{}] {}\n", form == TableForm::markdown ? "- " : "", i + 1, sources_[i]);
    }
    return lines.empty() ? lines : lines + '\n';
  }

 private:
  std::vector<std::string> sources_;
};

std::vector<std::string> row_of(const Json& figure, Sources& sources) {
  const std::string metric = text(figure, "metric");
  const MetricUnit unit = unit_of_key(metric);
  const Json& error = part(figure, "error_fraction");
  const Json& tolerance = part(figure, "tolerance");
  return {text(figure, "id"),
          metric,
          number_text(part(figure, "published"), unit),
          predicted_text(figure, unit),
          error.is_number() ? signed_percent(error.get<double>()) : "",
          tolerance.is_number() ? fmt::format("{:.0f} %", 100 * tolerance.get<double>()) : "",
          text(figure, "status"),
          sources.mark_of(text(figure, "source"))};
}

std::string statistics_text(const Json& summary) {
  const Json& cases = part(summary, "cases");
  if (!cases.is_number() || cases.get<double>() == 0) return "no check case\n";
  const auto percent = [&](std::string_view key) {
    return number_text(part(summary, key), MetricUnit::fraction);
  };
  return fmt::format("absolute error over {} check cases: median {}, p90 {}, largest {}\n",
                     number_text(cases, MetricUnit::count), percent("median_abs_error"),
                     percent("p90_abs_error"), percent("max_abs_error"));
}

/// Why cases failed, one line each.
std::string messages_text(const Json& figures) {
  std::string lines;
  std::string previous;
  for (const Json& figure : figures) {
    const std::string message = text(figure, "message");
    const std::string line = fmt::format("{}: {}\n", text(figure, "id"), message);
    if (!message.empty() && line != previous) lines += line;
    previous = line;
  }
  return lines;
}

/// Which variants gave the ends of each range, one line each.
std::string range_ends_text(const Json& figures) {
  std::string lines;
  for (const Json& figure : figures) {
    for (const std::string_view end : {"low", "high"}) {
      const std::string variant = text(figure, fmt::format("{}_variant", end));
      if (variant.empty()) continue;
      const MetricUnit unit = unit_of_key(text(figure, "metric"));
      lines += fmt::format("{}: {} {}, {} with {}\n", text(figure, "id"), end, text(figure, "metric"),
                           number_text(part(figure, end), unit), variant);
    }
  }
  return lines;
}

/// The variants that could not be, one line each, by the first line of their reason.
std::string skipped_text(const Json& skipped) {
  std::string lines;
  if (!skipped.is_array()) return lines;
  for (const Json& variant : skipped) {
    const std::string reason = text(variant, "reason");
    lines += fmt::format("{}: skipped {}: {}\n", text(variant, "id"), text(variant, "variant"),
                         reason.substr(0, reason.find('\n')));
  }
  return lines;
}

bool has_known_role(const Json& figure) {
  for (const auto& [role, title] : kRoles) {
    if (text(figure, "role") == role) return true;
  }
  return false;
}

TextTable empty_table() {
  return {{{"case"},
           {"metric"},
           {"published", Align::right},
           {"predicted", Align::right},
           {"error", Align::right},
           {"tolerance", Align::right},
           {"status"},
           {""}},
          {}};
}

std::string section(std::string_view title, const TextTable& table, TableForm form) {
  if (table.rows.empty()) return "";
  if (form == TableForm::markdown) return fmt::format("### {}\n\n{}\n", title, markdown(table));
  return fmt::format("{}\n{}\n", title, plain_text(table));
}

}  // namespace

std::string validation_table(const Json& result, TableForm form) {
  static const Json kNone = Json::array();
  const Json& figures = part(result, "cases").is_array() ? part(result, "cases") : kNone;
  std::string report;
  Sources sources;
  for (const auto& [role, title] : kRoles) {
    TextTable table = empty_table();
    for (const Json& figure : figures) {
      if (text(figure, "role") == role) table.rows.push_back(row_of(figure, sources));
    }
    report += section(title, table, form);
  }
  TextTable others = empty_table();
  for (const Json& figure : figures) {
    if (!has_known_role(figure)) others.rows.push_back(row_of(figure, sources));
  }
  return report + section("Others", others, form) + sources.list(form) +
         statistics_text(part(result, "summary")) + range_ends_text(figures) +
         skipped_text(part(result, "skipped_variants")) + messages_text(figures);
}

}  // namespace moesim
