#pragma once

#include <QString>
#include <QVector>
#include <QWidget>
#include <vector>

namespace moesim::gui {

/// What a TopologyWidget draws: nodes of GPUs below a network.
struct TopologyPicture {
  int numNodes = 0;
  int gpusPerNode = 0;
  QString network;            ///< text of the box above; empty: none
  std::vector<double> loads;  ///< [GPUs from 0], any unit; fewer than there are: the rest is without
  QString loadTitle;          ///< "bytes out of a GPU, darkest ..."
};

/// Nodes as boxes with a cell for each GPU, coloured by its load; a line to the network above where the nodes
/// fit side by side. A click selects a GPU.
class TopologyWidget : public QWidget {
  Q_OBJECT

 public:
  explicit TopologyWidget(QWidget* parent = nullptr);

  void setPicture(const TopologyPicture& picture);
  [[nodiscard]] const TopologyPicture& picture() const { return m_picture; }
  void setSelectedGpu(int gpu);
  /// What tells of a GPU; lines for `gpu`.
  void setGpuTexts(const QVector<QString>& texts) { m_texts = texts; }

  /// Where a GPU is drawn; empty where cells are too small for it.
  [[nodiscard]] QRectF gpuRect(int gpu) const;
  [[nodiscard]] QRectF nodeRect(int node) const;
  [[nodiscard]] int gpuAt(const QPointF& place) const;  ///< -1: none
  [[nodiscard]] QSize minimumSizeHint() const override { return {200, 140}; }

 Q_SIGNALS:
  void gpuClicked(int gpu);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void arrange();
  void paintNode(QPainter& painter, int node, double highest) const;
  void paintNetwork(QPainter& painter) const;
  [[nodiscard]] QRectF networkRect() const;

  TopologyPicture m_picture;
  QVector<QString> m_texts;
  int m_selected = -1;
  int m_columns = 1;
  int m_cellColumns = 1;
  double m_top = 0;        // of the nodes
  double m_nodeWidth = 1;  // with its gap
  double m_nodeHeight = 1;
};

}  // namespace moesim::gui
