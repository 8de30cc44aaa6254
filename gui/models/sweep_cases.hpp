#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <cstdint>
#include <memory>
#include <optional>

#include "gui/models/run_document.hpp"

namespace moesim::gui {

/// One run of a sweep or one layout of a search.
struct SweepLine {
  QString name;
  QStringList changes;                   ///< [axes], as JSON; empty where an axis is not changed
  QVector<double> numbers;               ///< [axes], NaN for what is no number
  QVector<double> figures;               ///< [figures], NaN where it has none
  QString message;                       ///< of one that failed
  bool isOwn = false;                    ///< the scenario without changes
  int run = -1;                          ///< index into RunDocument::sweep() of one that can be opened
  std::int64_t index = -1;               ///< place in the grid of a sweep
  std::shared_ptr<const Json> raw;       ///< {pointer: value}
  std::shared_ptr<const Json> layout{};  ///< of a search: what the changes lead to; null: it is not said
};

/// What a sweep file, the result of a search or the summary of a sweep holds, one line a run.
struct SweepCases {
  QStringList axes;     ///< pointers that differ, in the order of the document
  QStringList figures;  ///< dotted keys of numbers, in the order of the document
  QVector<SweepLine> lines;
  QString figure;  ///< what the document ranks by, a key of `figures`; empty: it does not say
};

SweepCases sweepCases(const RunDocument& document);

/// Whether more of a figure is better: rates, utilisation; else less is (times, costs, memory).
bool isBetterMore(const QString& figure);

/// Indices of the lines that no other beats in both figures, by ascending x. NaN never is.
QVector<int> paretoFront(const QVector<double>& x, bool moreX, const QVector<double>& y, bool moreY);

/// "micro batch" of "/layout/micro_batch"; where two would read the same, with what tells them apart:
/// "decode units".
QStringList axisLabels(const QStringList& axes);

/// "ep 64, schedule dualpipe": what a line changes, by axisLabels(); its name where it changes nothing.
QString changesText(const SweepCases& cases, const SweepLine& line);

/// The name of a line; changesText() in place of one that moesim made of the changes, "/layout/ep=64".
QString lineTitle(const SweepCases& cases, const SweepLine& line);

/// Why a line failed, a fault each, without the file, which is the scenario of all.
QStringList faultLines(const SweepLine& line);

/// For readers: of an axis its axisLabels(), of a figure figureLabel().
QString sweepLabel(const QString& key, const SweepCases& cases);

/// "ttft, p99" of "ttft_s.p99".
QString figureLabel(const QString& figure);

}  // namespace moesim::gui
