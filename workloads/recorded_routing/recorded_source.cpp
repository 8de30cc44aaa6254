#include "workloads/recorded_routing/recorded_source.hpp"

namespace moesim {

const Spec<RecordedSource>& spec_of(const RecordedSource*) {
  static const Spec<RecordedSource> spec =
      Spec<RecordedSource>("recorded", "Recorded routing: ids or counts.")
          .field("ids", &RecordedSource::ids, "file of the experts that each token chose", non_empty())
          .field("counts", &RecordedSource::counts, "file of tokens by step, layer and expert", non_empty())
          .field("layers", &RecordedSource::layers,
                 "of raw ids, which do not say it; in training the model's MoE layers when absent",
                 between(1, 4096))
          .check([](const RecordedSource& source) -> std::optional<SpecIssue> {
            if (source.ids.has_value() != source.counts.has_value()) return std::nullopt;
            return SpecIssue{"", "neither or both of ids and counts", "one of them"};
          });
  return spec;
}

}  // namespace moesim
