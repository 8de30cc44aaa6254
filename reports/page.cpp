#include "reports/page.hpp"

#include <fmt/format.h>

namespace moesim {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1c1f24; --soft: #5d6673; --line: #d9dee5; --ground: #ffffff;
  --band: #f4f6f9; --up: #b4540a; --down: #1261a6; --inside: #ffffff;
  --c0: #2f6fb2; --c1: #c26a15; --c2: #3f8f5f; --c3: #b3475a; --c4: #7a5fb0; --c5: #8a6d3b;
  --c6: #c2659b; --c7: #6b7785; --c8: #9a9425; --c9: #2b97a8; --c10: #4a4f8c; --c11: #a8633f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --line: #343b46;
  --ground: #14171c; --band: #1c2128; --up: #f0a25e; --down: #7ab8f2; --inside: #0c0e11;
  --c0: #6fa8e0; --c1: #f0a860; --c2: #72bf90; --c3: #e5808f; --c4: #b09be0; --c5: #c7a874;
  --c6: #e79cc6; --c7: #a5b0bd; --c8: #d0ca5c; --c9: #68c8d7; --c10: #9096da; --c11: #dd9c77; } }
body { max-width: 1160px; margin: 2rem auto; padding: 0 1.2rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .8rem; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
th, td { text-align: right; padding: .22rem .5rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.text { white-space: normal; } td.text code { overflow-wrap: anywhere; } td:first-child code { white-space: normal; } thead th { color: var(--soft); font-weight: 600; }
tr.group td { color: var(--soft); border-bottom: 0; padding-top: .6rem; }
tbody tr:hover td { background: var(--band); }
td.up { color: var(--up); } td.down { color: var(--down); } td.same, td.absent { color: var(--soft); }
code { font: 13px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
svg { width: 100%; min-width: 540px; height: auto; display: block; } svg text { font-size: 13px; fill: var(--ink); }
svg text.name, svg text.title { font-weight: 600; } svg text.sum, svg text.tick { fill: var(--soft); }
svg text.inside { fill: var(--inside); font-size: 12px; font-weight: 600; } svg text.tick { font-size: 12px; }
svg line.mark { stroke: var(--ink); stroke-width: 2; } svg line.whisker { stroke: var(--ink); stroke-width: 1.3; }
svg line.grid { stroke: var(--line); } svg line.axis { stroke: var(--soft); }
figure { margin: .8rem 0 1.4rem; overflow-x: auto; } figcaption { color: var(--soft); font-size: .87rem; margin-top: .3rem; }
figure img { width: 100%; height: auto; display: block; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: .5rem 0; border-top: 1px solid var(--line);
  border-bottom: 1px solid var(--line); font-size: .9rem; } a { color: var(--c0); text-decoration: none; }
ul.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .7rem;
  margin: 1rem 0; padding: 0; } ul.tiles li { background: var(--band); border: 1px solid var(--line); border-radius: 5px;
  padding: .5rem .8rem; } ul.tiles span, ul.tiles small { display: block; color: var(--soft); font-size: .82rem; }
ul.tiles small { overflow-wrap: anywhere; } ul.tiles b { display: block; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
td.soft { color: var(--soft); } td.bad { color: var(--c3); } th.text, td.text { text-align: left; }
td.text:last-child { min-width: 12rem; } .wide + .wide { margin-top: 1.1rem; }
td.heat { background: color-mix(in srgb, var(--c0) calc(var(--heat) * .62), var(--ground)); text-align: center; }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--soft); }
ul.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .3rem 0 0; padding: 0;
  color: var(--soft); font-size: .87rem; }
ul.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .45em; border-radius: 2px; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .87rem; }
@media screen and (max-width: 760px) { td.text { min-width: 9rem; } td.text:last-child { min-width: 15rem; } }
@media print { :root { color-scheme: light; --ink: #000000; --soft: #444444; --line: #bbbbbb; --ground: #ffffff;
  --band: #ffffff; --up: #8a3d00; --down: #003e7a; --inside: #ffffff;
  --c0: #2f6fb2; --c1: #c26a15; --c2: #3f8f5f; --c3: #b3475a; --c4: #7a5fb0; --c5: #8a6d3b;
  --c6: #c2659b; --c7: #6b7785; --c8: #9a9425; --c9: #2b97a8; --c10: #4a4f8c; --c11: #a8633f; }
  body { max-width: none; margin: 0; font-size: 12px; } section { break-inside: auto; }
  svg, tr, figure, ul.tiles li { break-inside: avoid; } h2 { break-after: avoid; } nav { display: none; }
  svg { min-width: 0; } .wide, figure { overflow-x: visible; } th, td { white-space: normal; padding: .12rem .4rem; }
  footer { margin-top: 1rem; }
  details::details-content { content-visibility: visible; display: block; } summary { list-style: none; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
)";

/// What neither HTML nor SVG may hold.
bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (is_control(c)) {
          escaped += "\uFFFD";
        } else {
          escaped += c;
        }
    }
  }
  return escaped;
}

std::string html_page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n{2}</body>\n</html>\n",
      html_text(title), kStyle, body);
}

}  // namespace moesim
