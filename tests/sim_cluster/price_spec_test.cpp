#include "sim/cluster/price_spec.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/cluster/cost.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using namespace literals;

ClusterSpec load(const std::string& text, const std::string& file = "case.json") {
  return load_cluster(parse_json(text, file), file);
}

/// The H800 cluster with that price.
ClusterSpec priced(const std::string& price, const std::string& file = "case.json") {
  return load(R"({"base": "h800-2048", "price": )" + price + "}", file);
}

SpecError error_of(const std::string& price) {
  try {
    priced(price);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << price;
  return SpecError("", "", "", "");
}

/// A price object of a test with those keys.
std::string price_of(const std::string& keys) {
  return R"({"name": "p", "source": "a test", )" + keys + "}";
}

TEST(PriceCatalog, EveryEntryIsNamedAsItsFileAndSaysWhereItComesFrom) {
  ASSERT_FALSE(price_names().empty());
  for (const std::string& name : price_names()) {
    const Json price = price_document(name, "", "");
    EXPECT_EQ(price["name"], name);
    EXPECT_GT(price["source"].get<std::string>().size(), 10U) << name;
  }
}

TEST(PriceOfACluster, IsItsGpuPriceWhereNoneIsNamed) {
  EXPECT_FALSE(price_of(load_cluster("h800-2048")));
  EXPECT_DOUBLE_EQ((price_of(priced(R"("rent-2")"))->rented->gpu * 1_h).value(), 2.0);
}

TEST(PriceOfACluster, IsReadFromAFileBesideTheOneThatNamesIt) {
  const test::OwnFile file("price.json");
  std::ofstream(file.path()) << price_of(R"("rented": {"gpu": "3 $/h"})");
  const std::string beside = (file.path().parent_path() / "case.json").string();
  const ClusterSpec cluster = priced('"' + file.path().filename().string() + '"', beside);
  EXPECT_DOUBLE_EQ((price_of(cluster)->rented->gpu * 1_h).value(), 3.0);
  // The whole path works from anywhere.
  EXPECT_TRUE(price_of(priced('"' + file.path().string() + '"')));
}

TEST(PriceOfACluster, SurvivesWritingAndReading) {
  for (const std::string& name : price_names()) {
    const ClusterSpec cluster = priced('"' + name + '"');
    const std::string text = write_spec_text(cluster);
    const ClusterSpec again = load(text);
    EXPECT_EQ(write_spec_text(again), text);
    ASSERT_TRUE(again.price) << name;
    EXPECT_EQ(price_of(again)->name, name);
  }
}

TEST(PriceOfACluster, ReplacesThatOfABaseWhole) {
  const test::OwnFile base("rented_cluster.json");
  Json cluster = read_json_file("sim/cluster/catalog/h800-2048.json");
  cluster["price"] = "rent-2";
  std::ofstream(base.path()) << write_json(cluster);
  const std::string name = R"({"base": ")" + base.path().string() + '"';
  EXPECT_TRUE(price_of(load(name + "}"))->rented);
  const auto owned = price_of(load(name + R"(, "price": "owned-4-years"})"));
  EXPECT_TRUE(owned->owned);
  EXPECT_FALSE(owned->rented);
}

TEST(PriceErrors, NameTheNearest) {
  const SpecError error = error_of(R"("rent-3")");
  EXPECT_EQ(error.pointer, "/cluster/price");
  EXPECT_EQ(error.hint, "did you mean \"rent-2\"?");
}

struct Refused {
  const char* name;
  const char* keys;
  const char* pointer;  ///< below the price
};
void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.name;
}

class RefusedPrice : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedPrice, NamesThePlaceAndWhatToDo) {
  const SpecError error = error_of(price_of(GetParam().keys));
  EXPECT_EQ(error.file, "case.json");
  EXPECT_EQ(error.pointer, std::string("/cluster/price") + GetParam().pointer);
  EXPECT_FALSE(error.hint.empty()) << error.what();
}

INSTANTIATE_TEST_SUITE_P(
    Price, RefusedPrice,
    ::testing::Values(
        Refused{"Negative", R"("rented": {"gpu": "-2 $/h"})", "/rented/gpu"},
        Refused{"WithoutUnit", R"("rented": {"gpu": 2})", "/rented/gpu"},
        Refused{"UnknownUnit", R"("rented": {"gpu": "2 EUR/h"})", "/rented/gpu"},
        Refused{"Both", R"("rented": {"gpu": "2 $/h"}, "owned": {"gpu": "1 $", "lifetime": "1 d"})", ""},
        Refused{"Neither", R"("electricity_per_kwh": "0.1 $")", ""},
        Refused{"NoDepreciation", R"("owned": {"gpu": "25000 $"})", "/owned/lifetime"},
        Refused{"NoTimeToDepreciate", R"("owned": {"gpu": "25000 $", "lifetime": "0 d"})", "/owned/lifetime"},
        Refused{"UnusedReservation", R"("rented": {"gpu": "2 $/h", "used_fraction": 0})",
                "/rented/used_fraction"},
        Refused{"MoreThanAllHours", R"("rented": {"gpu": "2 $/h", "used_fraction": 1.1})",
                "/rented/used_fraction"},
        Refused{"UpfrontForEver", R"("rented": {"gpu": "2 $/h", "upfront": "100 $"})", "/rented/term"},
        Refused{"PowerPaidTwice", R"("rented": {"gpu": "2 $/h"}, "electricity_per_kwh": "0.1 $")",
                "/rented/includes_power"},
        Refused{"OwnedWithoutPower", R"("owned": {"gpu": "25000 $", "lifetime": "1461 d"})",
                "/electricity_per_kwh"},
        Refused{"PowerNotPaid", R"("rented": {"gpu": "2 $/h", "includes_power": false})",
                "/electricity_per_kwh"}),
    [](const auto& refused) { return refused.param.name; });

}  // namespace
}  // namespace moesim
