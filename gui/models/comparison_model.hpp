#pragma once

#include <QAbstractTableModel>
#include <QVector>
#include <optional>

#include "gui/models/run_document.hpp"

namespace moesim {
struct ComparedSection;
}

namespace moesim::gui {

/// Two results side by side: the inputs that differ, then figures with their difference.
class ComparisonModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kLabel, kFirst, kSecond, kDifference, kNumColumns };
  /// Of kDifference: (second - first) / |first|, a double; invalid where there is none.
  static constexpr int kFractionRole = Qt::UserRole;

  using QAbstractTableModel::QAbstractTableModel;
  /// Null: no lines. What keeps them from being compared is fault().
  void setDocuments(const DocumentPtr& first, const DocumentPtr& second);
  [[nodiscard]] const QString& fault() const { return m_fault; }

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Line {
    QString key;
    bool isHeading = false;
    QString texts[kNumColumns];
    std::optional<double> fraction;
  };
  void addLines(const RunDocument& first, const RunDocument& second);
  void addSection(const ComparedSection& section);

  QVector<Line> m_lines;
  QString m_titles[kNumColumns];
  QString m_fault;
};

}  // namespace moesim::gui
