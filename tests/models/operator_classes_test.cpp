#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/operators.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

using testing::Contains;
using testing::Not;

TEST(OperatorClasses, AreSortedAndHaveNoPlaces) {
  const auto& classes = operator_classes();
  EXPECT_TRUE(std::is_sorted(classes.begin(), classes.end()));
  EXPECT_EQ(std::adjacent_find(classes.begin(), classes.end()), classes.end());
  for (const std::string& name : classes) EXPECT_EQ(operator_class(name), name);
  for (const char* name : {"q_up", "kv_up_dgrad", "routed_down_wgrad", "attention_core", "head", "rope"}) {
    EXPECT_THAT(classes, Contains(name));
  }
  EXPECT_THAT(classes, Not(Contains("gem")));
}

// Whatever a model has, a format or a choice of what is recomputed.
TEST(OperatorClasses, HoldThoseOfEveryModelOfTheCatalog) {
  for (const std::string& name : catalog_names()) {
    const ModelSpec model = load_model(name);
    for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::bf16}) {
      for (const bool recompute : {false, true}) {
        OperatorContext context = test::training_context(model, format);
        context.recompute = {recompute, recompute, recompute, recompute};
        for (const Pass pass :
             {Pass::forward, Pass::input_gradient, Pass::weight_gradient, Pass::prefill, Pass::decode}) {
          for (const auto& operators :
               {layer_operators(model, LayerKind::dense, pass, context),
                layer_operators(model, LayerKind::moe, pass, context),
                embedding_operators(model, pass, context), head_operators(model, pass, context),
                mtp_projection_operators(model, pass, context)}) {
            for (const Operator& op : operators) {
              EXPECT_THAT(operator_classes(), Contains(operator_class(op.name))) << name;
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace moesim
