"""Paths and links in the documents exist in the tree: references_test.py SOURCE_DIR"""
import re
import sys
from pathlib import Path

PATH = re.compile(r"(?<![\w./-])((?:[\w.-]+/)+[\w.-]+\.(?:cpp|hpp|py|json|md|txt|cmake))(?![\w/])")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)")
# Placeholders such as models/families/NAME.cpp and files that a reader makes.
PLACEHOLDER = re.compile(r"NAME|^out/|^my-|^build/|^share/|[*{}]")


def documents(root):
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def missing_of(document, root):
    text = document.read_text(encoding="utf-8")
    for match in PATH.finditer(re.sub(r"\w+://\S+", "", text)):
        path = match.group(1)
        if not PLACEHOLDER.search(path) and not (root / path).exists():
            yield path
    for match in LINK.finditer(text):
        target = match.group(1)
        if "://" not in target and not (document.parent / target).exists():
            yield target


def main():
    root = Path(sys.argv[1])
    found = [f"{document.relative_to(root)}: {path}" for document in documents(root)
             for path in missing_of(document, root)]
    for line in found:
        print(line, "is not in the tree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
