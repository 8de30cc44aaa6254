#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/results/span_names.hpp"

namespace moesim {

class StoreReader;

/// A field as RFC 4180 wants it: quoted where it holds a comma, quote or line break.
std::string csv_field(std::string_view text);

/// The summary of a result document: "key,value" lines, dotted keys with their unit as in the document,
/// numbers by their shortest text. With uncertainty "key,value,p10,p90". Lines end in CRLF.
std::string summary_csv(const Json& result);

/// The figures of a validation document, a line each: "id,role,family,metric,published,unit,predicted,
/// error_fraction,low,high,variants,tolerance,status"; what a figure lacks is empty. Lines end in CRLF.
std::string validation_csv(const Json& document);

/// The inputs of a sensitivity document, a line each: "name,owner,unit,provenance,varied,value,low_value,
/// high_value,low,high,span". Lines end in CRLF.
std::string sensitivity_csv(const Json& document);

/// Writes spans as lines "start_s,end_s,gpu,rank,layer,microbatch,phase,lane,pass" after a line of these
/// titles; phases, lanes and passes by name. Lines end in CRLF.
class CsvSink final : public RecordSink {
 public:
  /// `out` must outlive the sink; its write failures are its owner's to see.
  CsvSink(std::ostream& out, SpanNames names);
  void add(const Span& span) override;

 private:
  std::ostream& out_;
  SpanNames names_;
};

/// All spans of a record file.
void write_spans_csv(const StoreReader& records, std::ostream& out);

}  // namespace moesim
