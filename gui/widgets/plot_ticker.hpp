#pragma once

#include <cmath>

#include "gui/widgets/plot_library.hpp"
#include "gui/widgets/plot_scale.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::gui {

/// Ticks at round numbers of the shown unit: every 10 ms, 5 GB, 6 h. On a logarithmic axis without those
/// whose numbers would touch the one before.
class PlotTicker : public QCPAxisTicker {
 public:
  explicit PlotTicker(const AxisScale& scale, bool isLog = false) : m_scale(scale), m_isLog(isLog) {}

 protected:
  double getTickStep(const QCPRange& range) override {
    const double factor = m_scale.factor;
    m_step = QCPAxisTicker::getTickStep(QCPRange(range.lower / factor, range.upper / factor)) * factor;
    return m_step;
  }
  QVector<double> createTickVector(double step, const QCPRange& range) override {
    QVector<double> ticks = QCPAxisTicker::createTickVector(step, range);
    if (!m_isLog || !(range.lower > 0)) return ticks;
    constexpr double kMost = 14;  // as many fit if all are as far apart as two may lie
    const double ratio = std::pow(range.upper / range.lower, 1 / kMost);
    QVector<double> apart;
    for (const double at : ticks)
      if (at > 0 && (apart.isEmpty() || at >= ratio * apart.last())) apart.append(at);
    return apart;
  }
  QString getTickLabel(double tick, const QLocale& /*locale*/, QChar /*format*/, int /*precision*/) override {
    return tickText(tick, m_step, m_scale);
  }

 private:
  AxisScale m_scale;
  bool m_isLog;
  double m_step = 0;
};

/// Powers of ten with their units, "10 ms", "1 s"; 2 and 5 times those too where that is not many.
class PlotLogTicker : public QCPAxisTickerLog {
 public:
  explicit PlotLogTicker(const PlotAxis& axis) : m_axis(axis) { m_axis.unitText.clear(); }

 protected:
  QVector<double> createTickVector(double step, const QCPRange& range) override {
    constexpr double kWide = 300;
    constexpr int kMost = 9;
    if (!(range.lower > 0) || range.upper > kWide * range.lower)
      return QCPAxisTickerLog::createTickVector(step, range);
    QVector<double> ticks;
    for (const pictures::Tick& tick : pictures::log_ticks(range.lower, range.upper, kMost))
      ticks.append(tick.at);
    return ticks;
  }
  QString getTickLabel(double tick, const QLocale& /*locale*/, QChar /*format*/, int /*precision*/) override {
    return valueText(tick, m_axis);
  }

 private:
  PlotAxis m_axis;
};

/// Texts of categories, as many as do not touch: every one, every second, ...
class PlotTextTicker : public QCPAxisTicker {
 public:
  PlotTextTicker(const QStringList& texts, int every) : m_texts(texts), m_every(every) {}

 protected:
  double getTickStep(const QCPRange& /*range*/) override { return m_every; }
  int getSubTickCount(double /*tickStep*/) override { return 0; }
  QString getTickLabel(double tick, const QLocale& /*locale*/, QChar /*format*/, int /*precision*/) override {
    return m_texts.value(qRound(tick));
  }
  QVector<double> createTickVector(double step, const QCPRange& range) override {
    QVector<double> ticks;
    for (double at = 0; at < static_cast<double>(m_texts.size()); at += step)
      if (range.contains(at)) ticks.append(at);
    return ticks;
  }

 private:
  QStringList m_texts;
  int m_every;
};

}  // namespace moesim::gui
