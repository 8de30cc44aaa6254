#include "reports/pages/sweep_cases.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "reports/pages/json_facts.hpp"

namespace moesim {

std::vector<ReportedCase> reported_cases(const SweepReader& sweep, const std::string& figure) {
  std::vector<ReportedCase> cases;
  sweep.for_each_case([&](const SweepCase& one) {
    ReportedCase& kept = cases.emplace_back();
    kept.index = one.index;
    kept.name = one.name;
    const Json changes = parse_json(one.changes, "changes of case " + kept.name);
    for (const auto& [pointer, value] : changes.items()) {
      CaseSetting& setting = kept.settings[pointer];
      setting.text = setting_text(value);
      if (value.is_number()) setting.number = value.get<double>();
    }
    kept.has_failed = one.state == SweepCaseState::failed;
    if (kept.has_failed) {
      kept.exit_code = one.exit_code;
      kept.message = one.message;
    } else {
      kept.value = number_at(parse_json(one.result, "result of case " + kept.name), "summary." + figure);
    }
  });
  return cases;
}

std::vector<std::size_t> ranked_cases(const std::vector<ReportedCase>& cases, bool higher_is_better) {
  std::vector<std::size_t> ranked;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].value) ranked.push_back(i);
  }
  std::ranges::stable_sort(ranked, [&](std::size_t one, std::size_t other) {
    return higher_is_better ? *cases[one].value > *cases[other].value
                            : *cases[one].value < *cases[other].value;
  });
  return ranked;
}

}  // namespace moesim
