#pragma once

#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json.hpp"

/// Random small damage to a document; the same generator state gives the same damage.
namespace moesim::mutation {

/// A layout (spec_example.hpp) with every key.
inline constexpr const char* kFullLayout = R"({
  "pipeline_parallel": 8, "order": "data_first", "skew": 0.25, "overlap": false, "seed": 12, "router": "plain",
  "cache": "16 GiB", "gpu": 0, "links": [{"bandwidth": "450 GB/s", "latency": "2 us"}, {"bandwidth": "400 Gb/s"}],
  "weights": {"a": 0.5, "b/c": 1}, "note": "n", "extra": {"x": [1, {"y": null}]}
})";

inline std::size_t below(std::size_t end, std::mt19937& random) {
  return random() % end;
}

/// One to four bytes or tokens are changed, removed, put in, or the text is cut.
inline std::string of_text(std::string text, std::mt19937& random) {
  static const std::vector<std::string> kTokens{"{",     "}",    "[",  "]",   ",",  ":",    "\"",
                                                "null",  "true", "-1", "1e9", "~1", "\\u0", "\xff",
                                                "1e999", " GiB", "0",  "/",   "\n", "\\"};
  const std::size_t num_changes = 1 + below(4, random);
  for (std::size_t i = 0; i < num_changes && !text.empty(); ++i) {
    const std::size_t at = below(text.size(), random);
    switch (below(8, random)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text.erase(at, 1 + below(8, random));
        break;
      case 2:
      case 3:
        text[at] = static_cast<char>(below(256, random));
        break;
      default:
        text.insert(at, kTokens[below(kTokens.size(), random)]);
    }
  }
  return text;
}

/// A value of a random kind, from those that a spec might meet.
inline Json any_value(std::mt19937& random) {
  static const std::vector<const char*> kValues{"null",
                                                "true",
                                                "false",
                                                "0",
                                                "-0.0",
                                                "1",
                                                "-1",
                                                "8.0",
                                                "0.5",
                                                "1e300",
                                                "2147483648",
                                                "18446744073709551615",
                                                "-9223372036854775808",
                                                "1e19",
                                                "\"\"",
                                                "\"x\"",
                                                "\"450 GB/s\"",
                                                "\"-3 us\"",
                                                "\"80 GiB\"",
                                                "\"0\"",
                                                "\"1e400 s\"",
                                                "\"nan B\"",
                                                "\"5 mb\"",
                                                "\"data_first\"",
                                                "\"rank_first\"",
                                                "[]",
                                                "{}",
                                                "[[]]",
                                                "[0]",
                                                "{\"a\": {}}",
                                                "[{\"bandwidth\": 1}]",
                                                "\"0 B/s\"",
                                                "\" 7GB/s \""};
  return parse_json(kValues[below(kValues.size(), random)], "");
}

/// One value somewhere in the document becomes another, goes, or gets a neighbour.
inline void of_value(Json& json, std::mt19937& random) {
  if (!json.is_structured() || json.empty() || below(4, random) == 0) {
    json = any_value(random);
    return;
  }
  const auto at = std::next(json.begin(), static_cast<std::ptrdiff_t>(below(json.size(), random)));
  const std::size_t choice = below(6, random);
  if (choice == 0) {
    json.erase(at);
  } else if (choice == 1 && json.is_object()) {
    json["bandwith"] = any_value(random);
  } else {
    of_value(*at, random);
  }
}

}  // namespace moesim::mutation
