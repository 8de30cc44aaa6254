#include "gui/models/schema_form.hpp"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

namespace moesim::gui {
namespace {

FormField fieldOf(const char* schema, bool required = false) {
  Json object = {{"type", "object"}, {"properties", {{"x", Json::parse(schema)}}}};
  if (required) object["required"] = Json::array({"x"});
  return formOf(object, Json::object()).fields.at(0);
}

struct KindRow {
  const char* schema;
  FieldKind kind;
  const char* range;
  const char* placeholder;
};

TEST(SchemaFormTest, SchemasGiveKindsRangesAndDefaults) {
  constexpr auto kRows = std::to_array<KindRow>({
      {R"({"type": "integer", "minimum": 0, "maximum": 3, "default": 1})", FieldKind::integer, "0 to 3",
       "default 1"},
      {R"({"type": "integer", "minimum": 1, "maximum": 1073741824})", FieldKind::integer, "at least 1",
       "not set"},
      {R"({"type": "number", "exclusiveMinimum": 0})", FieldKind::number, "above 0", "not set"},
      {R"({"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.5})", FieldKind::number,
       "above 0, at most 1", "default 0.5"},
      {R"({"type": "number", "maximum": 1})", FieldKind::number, "at most 1", "not set"},
      {R"({"type": "boolean", "default": true})", FieldKind::boolean, "", "default true"},
      {R"({"type": "string", "enum": ["a", "b"]})", FieldKind::choice, "", "not set"},
      {R"({"type": "string", "minLength": 1})", FieldKind::text, "", "not set"},
      {R"({"type": "string", "pattern": "s$", "examples": ["2 s"]})", FieldKind::quantity, "", "as 2 s"},
      {R"({"anyOf": [{"type": "string", "pattern": "s$"}, {"const": 0}], "default": "0 s"})",
       FieldKind::quantity, "", "default 0 s"},
      {R"({"type": "array", "items": {"type": "integer", "minimum": 0}, "default": []})", FieldKind::list,
       "at least 0", "default: none"},
      {R"({"type": "array", "items": {"type": "object"}})", FieldKind::json, "", "not set"},
      {R"({"type": "array", "items": {"type": "object", "properties": {}}, "default": []})", FieldKind::items,
       "", "default: none"},
      {R"({"type": "array"})", FieldKind::json, "", "not set"},
      {R"({"type": "object", "properties": {}})", FieldKind::group, "", "not set"},
      {R"({"type": "object", "additionalProperties": {"properties": {}}})", FieldKind::map, "", "not set"},
      {R"({"type": "object"})", FieldKind::json, "", "not set"},
      {R"({"description": "no type"})", FieldKind::json, "", "not set"},
      {R"({"type": "no such"})", FieldKind::json, "", "not set"},
  });
  for (const KindRow& row : kRows) {
    const FormField field = fieldOf(row.schema);
    EXPECT_EQ(field.kind, row.kind) << row.schema;
    EXPECT_EQ(rangeText(field), QString::fromUtf8(row.range)) << row.schema;
    EXPECT_EQ(placeholderText(field), QString::fromUtf8(row.placeholder)) << row.schema;
    EXPECT_EQ(field.pointer, "/x");
    EXPECT_FALSE(field.required);
  }
}

struct ValueRow {
  const char* schema;
  const char* text;
  const char* value;
};

TEST(SchemaFormTest, TextsBecomeValuesAndComeBack) {
  constexpr auto kRows = std::to_array<ValueRow>({
      {R"({"type": "integer"})", "15360", "15360"},
      {R"({"type": "integer"})", " 16 ", "16"},
      {R"({"type": "integer"})", "x", "\"x\""},  // moesim says what is wrong with it
      {R"({"type": "number"})", "1e3", "1000.0"},
      {R"({"type": "boolean"})", "true", "true"},
      {R"({"type": "string"})", "12", "\"12\""},
      {R"({"type": "string", "pattern": "s$"})", "50 ms", "\"50 ms\""},
      {R"({"type": "string", "pattern": "s$"})", "50", "50"},
      {R"({"type": "array", "items": {"type": "integer"}})", "3, 4,,5", "[3, 4, 5]"},
      {R"({"type": "array", "items": {"type": "string"}})", "rms_norm, mlp", R"(["rms_norm", "mlp"])"},
      {R"({"type": "array", "items": {"type": "string"}})", "", "[]"},
      {R"({"description": "any"})", "h800-2048", "\"h800-2048\""},
      {R"({"description": "any"})", R"({"base": "h800-2048"})", R"({"base": "h800-2048"})"},
      {R"({"type": "array", "items": {"type": "object"}})", R"([{"a": 1}])", R"([{"a": 1}])"},
  });
  for (const ValueRow& row : kRows) {
    const FormField field = fieldOf(row.schema);
    const auto value = fieldValue(field, QString::fromUtf8(row.text));
    ASSERT_TRUE(value) << row.text;
    EXPECT_EQ(*value, Json::parse(row.value)) << row.text;
    const auto again = fieldValue(field, fieldText(field, *value));
    ASSERT_TRUE(again) << row.text;
    EXPECT_EQ(*again, *value) << row.text;
  }
  EXPECT_FALSE(fieldValue(fieldOf(R"({"description": "any"})"), QStringLiteral("{\"a\": ")));
}

TEST(SchemaFormTest, MapsHaveTheEntriesOfTheDocument) {
  const Json schema = Json::parse(
      R"({"type": "object", "properties": {"pools": {"type": "object",
          "additionalProperties": {"type": "object", "properties": {"units": {"type": "integer"}}}}}})");
  const FormField form = formOf(schema, Json::parse(R"({"pools": {"a/b": {"units": 2}, "c": 3}})"));
  ASSERT_EQ(form.fields.at(0).fields.size(), 2U);
  EXPECT_EQ(form.fields[0].fields[0].fields.at(0).pointer, "/pools/a~1b/units");
  EXPECT_TRUE(form.fields[0].fields[0].isEntry);
  ASSERT_NE(findField(form, "/pools/c"), nullptr);
  EXPECT_EQ(findField(form, "/pools/d"), nullptr);
}

TEST(SchemaFormTest, ItemsHaveAFormForEachOfTheDocumentAndForANewOne) {
  const Json schema = Json::parse(
      R"({"type": "object", "properties": {"shifts": {"type": "array", "items": {"type": "object",
          "required": ["step"], "properties": {"step": {"type": "integer", "minimum": 1},
          "name": {"type": "string"}}}}}})");
  const FormField form = formOf(schema, Json::parse(R"({"shifts": [{"step": 5}, 3]})"));
  const FormField& shifts = form.fields.at(0);
  EXPECT_TRUE(shifts.isSection());
  ASSERT_EQ(shifts.fields.size(), 2U);
  EXPECT_EQ(shifts.fields[1].pointer, "/shifts/1");
  EXPECT_TRUE(shifts.fields[1].isEntry);
  EXPECT_NE(findField(form, "/shifts/0/step"), nullptr);
  EXPECT_EQ(*firstValue(*shifts.entry), Json::parse(R"({"step": 1})"));
  EXPECT_EQ(*firstValue(shifts), Json::array());
  EXPECT_TRUE(formOf(schema, Json::parse(R"({"shifts": {"0": 1}})")).fields.at(0).fields.empty());
}

TEST(SchemaFormTest, RequiredFieldsAndNamesOfShippedData) {
  EXPECT_TRUE(fieldOf(R"({"type": "string"})", true).required);
  const FormField form = formOf(
      Json::parse(R"({"type": "object", "properties": {"model": {"type": "string"}}})"), Json::object());
  EXPECT_TRUE(form.fields.at(0).suggestions.contains(QStringLiteral("deepseek-v3")));
}

TEST(SchemaFormTest, WhatIsNoSchemaIsAnEmptyForm) {
  for (const char* text : {"3", "null", "[]", "\"x\"", "{}", R"({"type": "object", "properties": {"x": 1}})"})
    EXPECT_TRUE(formOf(Json::parse(text), Json(7)).fields.empty()) << text;
}

TEST(SchemaFormTest, SwitchedOnValuesFitTheirField) {
  EXPECT_EQ(*firstValue(fieldOf(R"({"type": "integer", "minimum": 1})")), 1);
  EXPECT_EQ(*firstValue(fieldOf(R"({"type": "number", "exclusiveMinimum": 0})")), 1.0);
  EXPECT_EQ(*firstValue(fieldOf(R"({"type": "string", "enum": ["a", "b"]})")), "a");
  EXPECT_EQ(*firstValue(fieldOf(R"({"type": "boolean", "default": true})")), true);
  EXPECT_EQ(*firstValue(fieldOf(R"({"type": "object", "required": ["rule"],
                                    "properties": {"rule": {"type": "string", "enum": ["e"]}}})")),
            Json::parse(R"({"rule": "e"})"));
}

}  // namespace
}  // namespace moesim::gui
