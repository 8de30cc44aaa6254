#include "reports/pictures/load_picture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "reports/pictures/load_layout.hpp"
#include "tests/reports_pictures/decoded_picture.hpp"
#include "tests/reports_pictures/load_rows.hpp"

namespace moesim::pictures {
namespace {

using test::DecodedPicture;
using test::LoadRowsInMemory;
using testing::HasSubstr;

const LoadPictureHead kHead{"a.moesim", "a-model", "routing, seed 1"};

/// Layers 3 and 5 of 16 experts with 10 tokens each, but for one cell.
LoadRowsInMemory rows_with(std::int64_t num_steps, std::int64_t hot_step, std::size_t hot_expert,
                           std::int16_t hot_layer, std::uint32_t tokens) {
  LoadRowsInMemory rows;
  for (std::int64_t step = 0; step < num_steps; ++step) {
    for (const auto layer : {std::int16_t{3}, std::int16_t{5}}) {
      std::vector<std::uint32_t> loads(16, 10);
      if (step == hot_step && layer == hot_layer) loads[hot_expert] = tokens;
      rows.add(step, layer, loads);
    }
  }
  return rows;
}

std::string drawn(const LoadRowsInMemory& rows, LoadPictureOptions options) {
  if (options.scale == LoadScale::automatic) options.scale = LoadScale::linear;
  return draw_load_picture(kLoadPictures[0], kHead, rows.reader(), options);
}

/// The colour of a pixel inside `area`, at these shares of its width and height.
Rgb color_in(const DecodedPicture& picture, const Rect& area, double x, double y) {
  return picture.at(static_cast<int>(area.x + x * area.width), static_cast<int>(area.y + y * area.height));
}

TEST(LoadPicture, The_hot_cell_has_the_last_color_and_its_place) {
  // 160 of 310 tokens on one of 16 experts: 8.26 times the mean, the end of the scale.
  const auto rows = rows_with(20, 4, 12, 5, 160);
  const DecodedPicture picture(drawn(rows, {}));
  EXPECT_EQ(picture.width(), 1600);
  EXPECT_EQ(picture.height(), 1000);
  const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
  // Layer 5 is the most imbalanced. Step 4 of 20 and expert 12 of 16, in their middles.
  EXPECT_EQ(color_in(picture, layout.steps, 4.5 / 20, 12.5 / 16), sequential_map()[255]);
  // 10 tokens elsewhere: 0.516 times the mean in that step, 1 in the others.
  const double most = 160 / (310.0 / 16);
  EXPECT_EQ(color_in(picture, layout.steps, 4.5 / 20, 3.5 / 16),
            color_at(sequential_map(), 10 / (310.0 / 16) / most));
  EXPECT_EQ(color_in(picture, layout.steps, 9.5 / 20, 12.5 / 16), color_at(sequential_map(), 1 / most));
  EXPECT_EQ(color_in(picture, layout.layers, 0.75, 12.5 / 16), color_at(sequential_map(), 1 / most));
}

TEST(LoadPicture, Layers_at_a_step) {
  LoadPictureOptions options;
  options.step = 4;
  const DecodedPicture picture(drawn(rows_with(20, 4, 12, 5, 160), options));
  const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
  EXPECT_EQ(color_in(picture, layout.layers, 0.75, 12.5 / 16), sequential_map()[255]);
  EXPECT_NE(color_in(picture, layout.layers, 0.25, 12.5 / 16), sequential_map()[255]);
}

TEST(LoadPicture, A_chosen_layer) {
  LoadPictureOptions options;
  options.layer = 3;
  const DecodedPicture picture(drawn(rows_with(20, 4, 12, 5, 160), options));
  const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
  // Even everywhere: the middle of a scale that reaches to twice the mean.
  EXPECT_EQ(color_in(picture, layout.steps, 4.5 / 20, 12.5 / 16), color_at(sequential_map(), 0.5));
}

// More steps than pixels: the cell is a fifth of a pixel wide.
TEST(LoadPicture, The_hot_cell_of_very_many_steps_is_seen) {
  for (const std::int64_t step : {0, 1234, 2501, 4999}) {
    LoadPictureOptions options;
    options.panel = LoadPanel::steps;
    options.width = 1000;
    options.height = 600;
    const DecodedPicture picture(drawn(rows_with(5000, step, 9, 3, 100), options));
    const LoadLayout layout = load_layout(1000, 600, LoadPanel::steps);
    EXPECT_EQ(color_in(picture, layout.steps, (static_cast<double>(step) + 0.5) / 5000, 9.5 / 16),
              sequential_map()[255])
        << step;
  }
}

TEST(LoadPicture, Sorted_rows_begin_with_the_heaviest) {
  LoadPictureOptions options;
  options.sorted = true;
  const DecodedPicture picture(drawn(rows_with(20, 4, 12, 5, 160), options));
  const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
  EXPECT_EQ(color_in(picture, layout.steps, 4.5 / 20, 0.5 / 16), sequential_map()[255]);
}

TEST(LoadPicture, Most_cuts_the_scale) {
  LoadPictureOptions options;
  options.most = 4;
  const DecodedPicture picture(drawn(rows_with(20, 4, 12, 5, 160), options));
  const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
  EXPECT_EQ(color_in(picture, layout.steps, 4.5 / 20, 12.5 / 16), sequential_map()[255]);
  EXPECT_EQ(color_in(picture, layout.steps, 9.5 / 20, 12.5 / 16), color_at(sequential_map(), 0.25));
}

TEST(LoadPicture, A_logarithmic_scale_has_the_mean_in_its_middle) {
  LoadPictureOptions options;
  options.scale = LoadScale::logarithmic;
  const DecodedPicture picture(drawn(rows_with(20, 4, 12, 5, 160), options));
  const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
  EXPECT_EQ(color_in(picture, layout.steps, 9.5 / 20, 12.5 / 16), color_at(sequential_map(), 0.5));
}

TEST(LoadPicture, An_automatic_scale_is_logarithmic_from_eight_on) {
  const auto picture_of = [](std::uint32_t tokens, LoadScale scale) {
    LoadPictureOptions options;
    options.scale = scale;
    const LoadRowsInMemory rows = rows_with(20, 4, 12, 5, tokens);
    return draw_load_picture(kLoadPictures[0], kHead, rows.reader(), options);
  };
  // 160 of 310 tokens are 8.26 times the mean, 140 of 290 are 7.72 times.
  EXPECT_EQ(picture_of(160, LoadScale::automatic), picture_of(160, LoadScale::logarithmic));
  EXPECT_EQ(picture_of(140, LoadScale::automatic), picture_of(140, LoadScale::linear));
  EXPECT_NE(picture_of(140, LoadScale::linear), picture_of(140, LoadScale::logarithmic));
}

/// Every panel in both themes, in the least size.
class EachPanel : public testing::TestWithParam<std::tuple<LoadPanel, std::size_t>> {};

TEST_P(EachPanel, Keeps_its_edges_free) {
  LoadPictureOptions options;
  options.panel = std::get<0>(GetParam());
  options.theme = &kThemes[std::get<1>(GetParam())];
  options.width = kMinWidth;
  options.height = kMinHeight;
  const DecodedPicture picture(drawn(rows_with(3'000, 4, 12, 5, 160), options));
  const Rgb background = options.theme->background;
  // Text that is cut off would reach the edge.
  EXPECT_EQ(picture.count_other(0, 0, kMinWidth, 3, background), 0);
  EXPECT_EQ(picture.count_other(0, kMinHeight - 3, kMinWidth, 3, background), 0);
  EXPECT_EQ(picture.count_other(0, 0, 3, kMinHeight, background), 0);
  EXPECT_EQ(picture.count_other(kMinWidth - 3, 0, 3, kMinHeight, background), 0);
  EXPECT_GT(picture.count_other(0, 0, kMinWidth, kMinHeight, background), 10'000);
}

INSTANTIATE_TEST_SUITE_P(All, EachPanel,
                         testing::Combine(testing::Values(LoadPanel::all, LoadPanel::steps, LoadPanel::layers,
                                                          LoadPanel::violation),
                                          testing::Range(std::size_t{0}, kThemes.size())));

TEST(LoadPicture, The_same_rows_give_the_same_bytes) {
  for (const PictureFormat format : {PictureFormat::png, PictureFormat::svg, PictureFormat::pdf}) {
    LoadPictureOptions options;
    options.format = format;
    EXPECT_EQ(drawn(rows_with(20, 4, 12, 5, 160), options), drawn(rows_with(20, 4, 12, 5, 160), options));
  }
}

TEST(LoadPicture, One_row_and_one_step_are_a_picture_too) {
  LoadRowsInMemory rows;
  rows.add(7, -1, {5});
  const DecodedPicture picture(drawn(rows, {}));
  const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
  EXPECT_EQ(color_in(picture, layout.steps, 0.1, 0.9), color_at(sequential_map(), 0.5));
}

TEST(LoadPicture, Without_tokens_there_is_no_color) {
  LoadRowsInMemory rows;
  rows.add(0, 0, {0, 0}).add(1, 0, {3, 1}).add(5, 0, {2, 2});  // steps 2 to 4 were not recorded
  for (const Theme& theme : kThemes) {
    LoadPictureOptions options;
    options.theme = &theme;
    const DecodedPicture picture(drawn(rows, options));
    const LoadLayout layout = load_layout(1600, 1000, LoadPanel::all);
    EXPECT_EQ(color_in(picture, layout.steps, 0.5 / 6, 0.25), theme.missing);
    EXPECT_EQ(color_in(picture, layout.steps, 3.5 / 6, 0.25), theme.missing);
    EXPECT_EQ(color_in(picture, layout.steps, 1.5 / 6, 0.25), color_at(sequential_map(), 0.75));
  }
}

/// The text of the fault.
std::string fault_of(const LoadRowsInMemory& rows, const LoadPictureOptions& options) {
  try {
    drawn(rows, options);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "none";
}

TEST(LoadPicture, Faults_say_what_there_is) {
  LoadPictureOptions options;
  options.layer = 4;
  EXPECT_THAT(fault_of(rows_with(20, 4, 12, 5, 160), options),
              HasSubstr("a.moesim: holds no loads of layer 4"));
  EXPECT_THAT(fault_of(rows_with(20, 4, 12, 5, 160), options), HasSubstr("layers 3, 5"));
  options = {};
  options.step = 20;
  EXPECT_THAT(fault_of(rows_with(20, 4, 12, 5, 160), options), HasSubstr("step 20; there are steps 0 to 19"));
  LoadRowsInMemory sparse;
  for (int step = 0; step < 100; step += 10) sparse.add(step, 0, {1, 2});
  options.step = 15;
  EXPECT_THAT(fault_of(sparse, options), HasSubstr("steps 0 to 90, one in 10"));
  LoadRowsInMemory far;
  far.add(0, 0, {1}).add(1, 0, {1}).add(std::int64_t{1} << 62, 0, {1});
  EXPECT_THAT(fault_of(far, {}), HasSubstr("too far apart"));
  EXPECT_THAT(fault_of({}, {}), HasSubstr("holds no rows of expert_load"));
}

}  // namespace
}  // namespace moesim::pictures
