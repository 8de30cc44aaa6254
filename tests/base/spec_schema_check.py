"""Prints, for each document of a file {"schema": ..., "documents": [...]}, whether the schema accepts it: 1 or 0."""

import json
import sys

from jsonschema import Draft202012Validator


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    Draft202012Validator.check_schema(cases["schema"])
    validator = Draft202012Validator(cases["schema"])
    print("".join("1" if validator.is_valid(document) else "0" for document in cases["documents"]))


if __name__ == "__main__":
    main()
