#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace moesim {

/// SQLite's application_id of a sweep file: "MOSW".
inline constexpr int kSweepApplicationId = 0x4D4F5357;
/// Version of sweep files; SQLite's user_version.
inline constexpr int kSweepVersion = 1;

/// Numbers of sweep files.
enum class SweepCaseState : std::uint8_t { waiting = 0, done = 1, failed = 2 };

/// One case of a sweep file. What it points to lives for the call that gives it.
struct SweepCase {
  std::int64_t index = 0;    ///< its place in the grid, from 0
  std::string_view name;     ///< of its own in the sweep, for readers
  std::string_view changes;  ///< JSON object {pointer: value} against the base scenario
  SweepCaseState state = SweepCaseState::waiting;
  std::string_view result;   ///< the result document (JSON) of one that is done
  std::string_view message;  ///< of one that failed
  int exit_code = 0;         ///< of one that failed
};

/// Reads a sweep file, also while a sweep writes it. Throws RunError for a file that is no sweep, of another
/// version, locked for 10 s, or damaged; opening checks the whole file.
class SweepReader {
 public:
  explicit SweepReader(const std::filesystem::path& path);
  ~SweepReader();
  SweepReader(const SweepReader&) = delete;
  SweepReader& operator=(const SweepReader&) = delete;

  /// "moesim_version", "grid" (the grid document with every default), "kind", "axes" (JSON array of
  /// {pointer, values}), "cases" (their number). Empty where the key is absent.
  [[nodiscard]] std::string meta(std::string_view key) const;
  /// Of the grid, those included that wait.
  [[nodiscard]] std::int64_t num_cases() const;
  [[nodiscard]] std::int64_t num_cases(SweepCaseState state) const;
  /// Every case that has ended, done or failed, in the order of the grid. The file is not locked between
  /// calls of `visit`, or only for short.
  void for_each_case(const std::function<void(const SweepCase&)>& visit) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether a file has the application_id of a sweep, without a check of anything else.
bool is_sweep_file(const std::filesystem::path& path);

}  // namespace moesim
