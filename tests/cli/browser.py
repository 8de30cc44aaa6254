"""Pages in a headless Chromium, whose absence skips a test."""

import html
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DARK, LIGHT = 0, 1  # Blink's preferredColorScheme

# What a page says of its layout: run within a copy of it, which is shown and dumped.
PROBE = """<script>addEventListener('load', () => {
const faults = [], all = (selector) => Array.from(document.querySelectorAll(selector));
const light = (colour) => { const most = colour.startsWith('color(') ? 1 : 255;
  const [r, g, b] = colour.match(/[\\d.]+/g).map((x) => x / most).map((x) => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const contrast = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05); };
const ground = getComputedStyle(document.body).backgroundColor;
for (const cell of all('td.heat'))
  if (contrast(getComputedStyle(cell).color, getComputedStyle(cell).backgroundColor) < 4.5)
    faults.push('pale: ' + cell.textContent);
if (document.documentElement.scrollWidth > innerWidth) faults.push('the page scrolls sideways');
for (const svg of all('svg')) { const box = svg.viewBox.baseVal;
  for (const text of svg.querySelectorAll('text')) { const at = text.getBBox();
    if (at.x < box.x - 1 || at.x + at.width > box.x + box.width + 1 || at.y < box.y - 1 ||
        at.y + at.height > box.y + box.height + 1) faults.push('outside of its picture: ' + text.textContent); } }
for (const element of all('h1, h2, p, a, th, td:not(.heat), li, summary, figcaption, footer'))
  if (contrast(getComputedStyle(element).color, ground) < 4.5)
    faults.push('pale: ' + element.textContent.slice(0, 40));
for (const text of all('svg text:not(.inside)'))
  if (contrast(getComputedStyle(text).fill, ground) < 4.5) faults.push('pale: ' + text.textContent);
document.body.textContent = 'PROBED ' + JSON.stringify({width: innerWidth, ground: ground, faults: faults});
});</script>"""


class References(HTMLParser):
    """What a page names that a browser would load: all but its own parts and what it carries."""

    def __init__(self, page):
        super().__init__()
        self.loaded = re.findall(r"@import|url\((?!['\"]?(?:data:|#))[^)]*\)", page)
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "link", "iframe", "object", "embed", "base"):
            self.loaded.append(tag)
        for name, value in attributes:
            if name in ("src", "srcset", "href", "xlink:href", "data", "poster", "background"):
                self.loaded += [] if (value or "").startswith(("data:", "#")) else [f"{name}={value}"]


def references(page):
    return References(page).loaded


def open_page(path, *options):
    """What Chromium makes of a page: its DOM, lines of its console and the addresses that it asks for."""
    with tempfile.TemporaryDirectory(prefix="moesim-chromium-") as folder:
        log = Path(folder) / "net.json"
        result = subprocess.run(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--no-first-run", f"--user-data-dir={folder}/profile",
             "--enable-logging=stderr", f"--log-net-log={log}", "--virtual-time-budget=3000", *options, "--dump-dom",
             Path(path).as_uri()], capture_output=True, text=True, errors="replace", timeout=120)
        events = json.loads(log.read_text(encoding="utf-8"))
    kinds = {number: name for name, number in events["constants"]["logEventTypes"].items()}
    asked = []
    for event in events["events"]:
        facts = event.get("params", {})
        # The browser's own requests come from no origin.
        if kinds[event["type"]] == "URL_REQUEST_START_JOB" and facts.get("initiator", "not an origin") != "not an origin":
            asked.append(facts["url"])
    return {"dom": result.stdout, "console": [line for line in result.stderr.splitlines() if "CONSOLE" in line],
            "requests": [url for url in asked if not url.startswith("file:")]}


def probe(path, width, scheme):
    """Faults of a page's layout at a width in a colour scheme, with what was there to see."""
    page = Path(path)
    copy = page.with_name("probed.html")
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", PROBE + "</body>"), encoding="utf-8")
    shown = open_page(copy, f"--window-size={width},1000", f"--blink-settings=preferredColorScheme={scheme}")
    copy.unlink()
    found = re.search(r"PROBED (\{.*\})", shown["dom"])
    if found is None:
        raise AssertionError(f"{path}: the probe did not run\n{shown['console']}\n{shown['dom'][-500:]}")
    return json.loads(html.unescape(found.group(1)))


needs_chromium = unittest.skipUnless(CHROMIUM, "no chromium, chromium-browser or google-chrome in PATH")
