#include "gui/widgets/timeline_picture.hpp"

#include <QFontMetrics>
#include <QPainter>
#include <QtConcurrent/QtConcurrentMap>
#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "gui/models/span_text.hpp"

namespace moesim::gui {
namespace {

using pictures::SpanPixel;

constexpr int kLeastShare = 90;  ///< of 256: a span that covers hardly any of its pixel
constexpr int kBackShare = 70;   ///< of 256: spans that step back
constexpr int kFullShare = 256;
constexpr int kMostTexts = 400;      ///< of a picture, so that they take a few ms at most
constexpr int kLeastTextWidth = 12;  ///< pixels a span of a row must have in the mean for texts in it

/// `shareOfB` of 256 parts of `b`, the rest of `a`: two channels at a time.
QRgb mixed(QRgb a, QRgb b, int shareOfB) {
  constexpr QRgb kEven = 0x00ff00ffU;
  const auto partOfB = static_cast<QRgb>(shareOfB);
  const QRgb partOfA = kFullShare - partOfB;
  const QRgb even = (a & kEven) * partOfA + (b & kEven) * partOfB;
  const QRgb odd = ((a >> 8U) & kEven) * partOfA + ((b >> 8U) & kEven) * partOfB;
  return ((even >> 8U) & kEven) | (odd & ~kEven);
}

/// 0 for a pixel that nothing touches.
int shareOf(const SpanPixel& pixel) {
  const int share =
      kLeastShare + static_cast<int>(std::min(pixel.covered, 1.0F) * (kFullShare - kLeastShare));
  return pixel.is_touched() ? share : 0;
}

/// The row of `timeline` for the same lane and GPU; -1 without one.
std::ptrdiff_t rowLike(const pictures::SpanTimeline& timeline, const pictures::TimelineRow& row) {
  const auto key = [](const pictures::TimelineRow& one) { return std::pair(one.gpu, one.lane); };
  const auto at = std::ranges::lower_bound(timeline.rows(), key(row), {}, key);
  return at == timeline.rows().end() || key(*at) != key(row) ? -1 : at - timeline.rows().begin();
}

/// Draws one row after the other.
class RowPainter {
 public:
  RowPainter(const TimelineDrawing& drawing, bool isFar, uchar* bits, qsizetype stride)
      : m_drawing(drawing), m_isFar(isFar), m_bits(bits), m_stride(stride) {
    const auto width = static_cast<std::size_t>(drawing.window.width);
    m_pixels.resize(width);
    m_upper.resize(width);
    m_lower.resize(width);
  }

  void draw(const TimelineStroke& stroke) {
    const auto& timeline = m_drawing.scene->timeline();
    const auto& row = timeline.rows()[stroke.row];
    fillBackground(stroke.marksIdle);
    timeline.draw(stroke.row, m_drawing.window, m_pixels);
    paint(row, m_drawing.scene->lit ? kBackShare : kFullShare);
    if (m_drawing.scene->lit) paintLit(row);
    if (stroke.marksIdle) {
      m_lower = m_upper;
      paintExposed(row);
    }
    copy(stroke);
  }

 private:
  void fillBackground(bool marksIdle) {
    const TimelineColors& colors = m_drawing.colors;
    std::ranges::fill(m_upper, colors.background);
    if (!marksIdle) return;
    const auto& timeline = m_drawing.scene->timeline();
    const auto width = static_cast<double>(m_upper.size());
    const double first = std::clamp(m_drawing.window.position(timeline.start_s()), 0.0, width);
    const double end = std::clamp(m_drawing.window.position(timeline.end_s()), 0.0, width);
    std::fill(m_upper.begin() + static_cast<std::ptrdiff_t>(first),
              m_upper.begin() + static_cast<std::ptrdiff_t>(end), colors.idle);
  }

  [[nodiscard]] bool isEqual(const Span& span) const {
    const Span& lit = *m_drawing.equals;
    return span.phase == lit.phase && span.microbatch == lit.microbatch && span.layer == lit.layer;
  }

  void paint(const pictures::TimelineRow& row, int most) {
    const TimelineColors& colors = m_drawing.colors;
    const auto spans = m_drawing.scene->timeline().spans(row);
    const SpanLooks* looks = m_drawing.scene->looks.get();
    const auto mostOf = [&](std::uint32_t span) { return isEqual(spans[span]) ? most : kBackShare; };
    const auto mix = [&](const auto& colorOf) {
      if (m_drawing.equals)
        mixSpans(colorOf, mostOf);
      else
        mixSpans(colorOf, [most](std::uint32_t) { return most; });
    };
    if (looks == nullptr)
      mix([&](std::uint32_t span) { return colors.of(spans[span]); });
    else
      mix([&, isFar = m_isFar](std::uint32_t span) { return colors.of(*looks, row.first + span, isFar); });
  }

  /// Without branches: what touches a pixel could not be foreseen.
  template <class ColorOf, class MostOf>
  void mixSpans(const ColorOf& colorOf, const MostOf& mostOf) {
    for (std::size_t x = 0; x < m_pixels.size(); ++x) {
      const SpanPixel& pixel = m_pixels[x];
      const std::uint32_t span = pixel.is_touched() ? pixel.span : 0;  // a row has one
      m_upper[x] = mixed(m_upper[x], colorOf(span), std::min(shareOf(pixel), mostOf(span)));
    }
  }

  void paintLit(const pictures::TimelineRow& row) {
    const auto& lit = *m_drawing.scene->lit;
    const std::ptrdiff_t at = rowLike(lit, row);
    if (at < 0) return;
    const auto index = static_cast<std::size_t>(at);
    lit.draw(index, m_drawing.window, m_pixels);
    const auto spans = lit.spans(lit.rows()[index]);
    for (std::size_t x = 0; x < m_pixels.size(); ++x)
      if (m_pixels[x].is_touched()) m_upper[x] = m_drawing.colors.of(spans[m_pixels[x].span]);
  }

  void paintExposed(const pictures::TimelineRow& row) {
    const auto& exposed = *m_drawing.scene->exposed;
    const std::ptrdiff_t at = rowLike(exposed, row);
    if (at < 0) return;
    exposed.draw(static_cast<std::size_t>(at), m_drawing.window, m_pixels);
    for (std::size_t x = 0; x < m_pixels.size(); ++x)
      m_lower[x] = mixed(m_lower[x], m_drawing.colors.exposed, shareOf(m_pixels[x]));
  }

  void copy(const TimelineStroke& stroke) {
    const int gap = stroke.height > 3 ? 1 : 0;
    const int end = std::min(stroke.y + stroke.height - gap, m_drawing.height);
    const int middle = stroke.y + (stroke.height - gap) * 2 / 3;
    for (int y = std::max(stroke.y, stroke.clipTop); y < end; ++y) {
      const auto& line = stroke.marksIdle && y >= middle ? m_lower : m_upper;
      std::memcpy(m_bits + y * m_stride, line.data(), line.size() * sizeof(QRgb));
    }
  }

  const TimelineDrawing& m_drawing;
  bool m_isFar;
  uchar* m_bits;
  qsizetype m_stride;
  std::vector<SpanPixel> m_pixels;
  std::vector<QRgb> m_upper;
  std::vector<QRgb> m_lower;
};

/// Whether rows have more than half a span a pixel, in the mean of those that have any.
bool isFromAfar(const TimelineDrawing& drawing) {
  std::size_t numSpans = 0;
  std::size_t numRows = 0;
  for (const TimelineStroke& stroke : drawing.strokes) {
    const auto shown =
        drawing.scene->timeline().within(stroke.row, drawing.window.start_s, drawing.window.end_s);
    numSpans += shown.end - shown.first;
    numRows += shown.end > shown.first ? 1 : 0;
  }
  return 2 * numSpans > numRows * static_cast<std::size_t>(drawing.window.width);
}

/// Writes phase and micro-batch into spans that have room for them, at most kMostTexts: those of far zooms
/// have none.
void writeTexts(const TimelineDrawing& drawing, QImage& image) {
  QPainter painter(&image);
  QFont font = drawing.font;
  if (font.pixelSize() > 0)
    font.setPixelSize(static_cast<int>(font.pixelSize() * drawing.scale));
  else
    font.setPointSizeF(font.pointSizeF() * drawing.scale);
  painter.setFont(font);
  const QFontMetrics metrics(font, &image);
  const pictures::SpanTimeline& timeline = drawing.scene->timeline();
  const pictures::TimeWindow& window = drawing.window;
  const SpanNames& names = drawing.scene->document->names();
  int left = kMostTexts;
  for (const TimelineStroke& stroke : drawing.strokes) {
    const auto shown = timeline.within(stroke.row, window.start_s, window.end_s);
    if (stroke.height < metrics.height() || stroke.y < stroke.clipTop) continue;
    if (shown.end - shown.first > static_cast<std::size_t>(window.width / kLeastTextWidth)) continue;
    for (std::size_t i = shown.first; i < shown.end && left > 0; ++i) {
      const Span& span = timeline.spans()[i];
      const double from = std::max(window.position(span.start_s), 0.0);
      const double room = std::min(window.position(span.end_s), static_cast<double>(window.width)) - from - 4;
      QString text = QString::number(span.microbatch);
      if (room < metrics.horizontalAdvance(text)) continue;
      const QString whole = QStringLiteral("%1 %2").arg(phaseText(names, span.phase), text);
      if (metrics.horizontalAdvance(whole) <= room) text = whole;
      painter.setPen(qGray(drawing.colors.of(span)) > 120 ? Qt::black : Qt::white);
      painter.drawText(QRectF(from + 2, stroke.y, room, metrics.height()), Qt::AlignLeft, text);
      --left;
    }
  }
}

}  // namespace

QImage drawTimeline(const TimelineDrawing& drawing) {
  QImage image(drawing.window.width, drawing.height, QImage::Format_RGB32);
  if (image.isNull()) return image;
  image.fill(drawing.colors.background);
  constexpr qsizetype kChunk = 8;
  QVector<std::span<const TimelineStroke>> chunks;
  const std::span<const TimelineStroke> strokes(drawing.strokes.constData(),
                                                static_cast<std::size_t>(drawing.strokes.size()));
  for (std::size_t first = 0; first < strokes.size(); first += kChunk)
    chunks.append(strokes.subspan(first, std::min<std::size_t>(kChunk, strokes.size() - first)));
  const bool isFar = isFromAfar(drawing);
  uchar* bits = image.bits();
  const qsizetype stride = image.bytesPerLine();
  QtConcurrent::blockingMap(chunks, [&, isFar, bits, stride](std::span<const TimelineStroke> chunk) {
    RowPainter painter(drawing, isFar, bits, stride);
    for (const TimelineStroke& stroke : chunk) painter.draw(stroke);
  });
  writeTexts(drawing, image);
  return image;
}

}  // namespace moesim::gui
