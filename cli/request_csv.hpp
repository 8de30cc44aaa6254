#pragma once

#include <ostream>

#include "sim/serving/fleet/request_record.hpp"

namespace moesim::cli {

/// Writes requests as they end, one line each, after a line of titles (docs/formats.md). Lines end in CRLF.
class RequestCsv final : public RequestSink {
 public:
  /// `out` must outlive the sink; its write failures are its owner's to see.
  explicit RequestCsv(std::ostream& out);
  void add(const RequestRecord& record) override;

 private:
  std::ostream& out_;
};

}  // namespace moesim::cli
