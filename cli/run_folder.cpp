#include "cli/run_folder.hpp"

#include <system_error>

namespace moesim::cli {
namespace fs = std::filesystem;
namespace {

/// The path of a record file that can be written. Throws OutputError where a folder has its name.
fs::path record_path(const fs::path& folder) {
  fs::path path = folder / "records.moesim";
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) throw OutputError(path.string(), "is a folder", "remove it");
  return path;
}

}  // namespace

NewFolder::NewFolder(const fs::path& path) {
  std::error_code error;
  std::vector<fs::path> missing;  // innermost first
  for (fs::path at = fs::absolute(path).lexically_normal(); !fs::exists(at, error); at = at.parent_path()) {
    if (error || !at.has_relative_path()) break;
    if (at.has_filename()) missing.push_back(at);
  }
  for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
    if (fs::create_directory(*folder, error)) {
      made_.push_back(*folder);
      removed_on_interrupt_.push_back(std::make_unique<RemovedOnInterrupt>(*folder));
    }
  }
  if (fs::is_directory(path)) return;
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) fs::remove(*made, error);
  throw OutputError(path.string(), "is no folder and cannot become one",
                    "name a folder, below one that you may write to");
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) fs::remove(*made, ignored);
}

RunFolder::RunFolder(const fs::path& path)
    : folder_(path),
      summary_(path / "summary.json"),
      trace_file_(path / "trace.json"),
      records_(record_path(path)),
      trace_(trace_file_.stream(), {}) {}

void RunFolder::set_span_names(const SpanNames& names) {
  write_span_names(names, records_);
  trace_.set_names(names);
}

void RunFolder::add(const Span& span) {
  records_.add(span);
  ++num_spans_;
  if (num_traced_ == kMaxTraceSpans) return;
  ++num_traced_;
  trace_.add(span);
}

void RunFolder::commit(const std::string& summary) {
  trace_.finish();
  summary_.write(summary);
  records_.set_meta("summary", summary);
  trace_file_.commit();
  records_.commit();
  summary_.commit();
  folder_.keep();
}

}  // namespace moesim::cli
