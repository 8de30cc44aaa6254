#include "reports/pictures/canvas.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/reports_pictures/decoded_picture.hpp"

// fontconfig keeps what it looked up until the process ends; the leak check is for code of this project.
extern "C" const char* __lsan_default_suppressions();   // NOLINT
extern "C" const char* __lsan_default_suppressions() {  // NOLINT
  return "leak:libfontconfig\nleak:libcairo\n";
}

namespace moesim::pictures {
namespace {

using test::DecodedPicture;

constexpr Rgb kWhite{255, 255, 255};
constexpr Rgb kRed{200, 10, 20};

std::string drawn(PictureFormat format) {
  Canvas canvas(format, 200, 100);
  canvas.fill(Rect{0, 0, 200, 100}, kWhite);
  canvas.text({10, 20}, "load \u2265 2 \u00d7 mean", {14, {0, 0, 0}});
  std::vector<Rgb> pixels(20 * 10, kRed);
  pixels[3] = {0, 0, 255};
  canvas.image(50, 40, 20, pixels);
  canvas.image(90, 40, 20, pixels);
  canvas.line(std::array{Point{10, 90}, Point{190, 90}}, {0, 128, 0}, 2);
  return canvas.finish();
}

TEST(PictureFormat, By_extension) {
  EXPECT_EQ(picture_format("a/b.png"), PictureFormat::png);
  EXPECT_EQ(picture_format("b.SVG"), PictureFormat::svg);
  EXPECT_EQ(picture_format("b.c.pdf"), PictureFormat::pdf);
  EXPECT_EQ(picture_format("b.jpg"), std::nullopt);
  EXPECT_EQ(picture_format("png"), std::nullopt);
  EXPECT_EQ(picture_format(""), std::nullopt);
}

TEST(Canvas, An_image_is_pixel_for_pixel) {
  const DecodedPicture picture(drawn(PictureFormat::png));
  EXPECT_EQ(picture.width(), 200);
  EXPECT_EQ(picture.height(), 100);
  EXPECT_EQ(picture.at(50, 40), kRed);
  EXPECT_EQ(picture.at(53, 40), (Rgb{0, 0, 255}));
  EXPECT_EQ(picture.at(69, 49), kRed);
  EXPECT_EQ(picture.at(49, 40), kWhite);
  EXPECT_EQ(picture.at(70, 40), kWhite);
  EXPECT_EQ(picture.at(50, 50), kWhite);
  EXPECT_EQ(picture.count(kRed), 2 * (20 * 10 - 1));
}

TEST(Canvas, Text_is_drawn_where_it_is_measured) {
  Canvas canvas(PictureFormat::png, 300, 60);
  canvas.fill(Rect{0, 0, 300, 60}, kWhite);
  const std::string text = "Expert 255";
  const int width = static_cast<int>(canvas.text_width(text, 20)) + 1;
  EXPECT_GT(width, 80);
  EXPECT_GT(canvas.text_width(text, 20, true), canvas.text_width(text, 20));
  canvas.text({200, 30}, text, {20, {0, 0, 0}, Anchor::end});
  const DecodedPicture picture(canvas.finish());
  EXPECT_GT(picture.count_other(200 - width, 20, width, 20, kWhite), 200);
  EXPECT_EQ(picture.count_other(202, 0, 98, 60, kWhite), 0);
  EXPECT_EQ(picture.count_other(0, 0, 198 - width, 60, kWhite), 0);
}

TEST(Canvas, Text_is_cut_with_an_ellipsis) {
  Canvas canvas(PictureFormat::png, 10, 10);
  const std::string text = "layer 12, \u2265 8 x mean";
  EXPECT_EQ(canvas.fitted(text, 1000, 15), text);
  const std::string cut = canvas.fitted(text, 90, 15);
  EXPECT_TRUE(cut.ends_with("\u2026"));
  EXPECT_TRUE(text.starts_with(cut.substr(0, cut.size() - 3)));
  EXPECT_LE(canvas.text_width(cut, 15), 90);
  EXPECT_EQ(canvas.fitted(text, 1, 15), "\u2026");
}

class EachFormat : public testing::TestWithParam<PictureFormat> {};

TEST_P(EachFormat, The_same_calls_give_the_same_bytes) {
  const std::string first = drawn(GetParam());
  EXPECT_GT(first.size(), 500U);
  EXPECT_EQ(first, drawn(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, EachFormat,
                         testing::Values(PictureFormat::png, PictureFormat::svg, PictureFormat::pdf));

TEST(Canvas, Formats_are_what_they_say) {
  EXPECT_EQ(drawn(PictureFormat::png).substr(1, 3), "PNG");
  const std::string svg = drawn(PictureFormat::svg);
  EXPECT_EQ(svg.substr(0, 5), "<?xml");
  EXPECT_NE(svg.find("width=\"200px\" height=\"100px\" viewBox=\"0 0 200 100\""), std::string::npos);
  // Both images, under names that are used.
  EXPECT_NE(svg.find("<image id=\"image0\""), std::string::npos);
  EXPECT_NE(svg.find("xlink:href=\"#image0\""), std::string::npos);
  EXPECT_NE(svg.find("data:image/png;base64,"), std::string::npos);
  EXPECT_EQ(drawn(PictureFormat::pdf).substr(0, 5), "%PDF-");
}

}  // namespace
}  // namespace moesim::pictures
