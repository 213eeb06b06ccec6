"""What the scripts of the Python clients share: the promised rows, and a comparison that tells what it checked."""

import json
import sys
from datetime import datetime, timezone
from decimal import Decimal


class Checks:
    """Compares answers with the rows that the demo promises, and ends the script at the first difference."""

    def __init__(self):
        self.root, self.user, self.password, data = sys.argv[1:]
        with open(data, encoding="utf-8") as file:
            self.data = json.load(file)
        self.done = 0

    def same(self, what, found, wanted):
        if found != wanted:
            print(f"DIFFERENT  {what}\n  found  {short(found)}\n  wanted {short(wanted)}")
            sys.exit(1)
        self.done += 1
        print(f"ok  {what}: {short(found)}")

    def refused(self, what, error, action):
        """The action must fail in the client's own way; gives the error."""
        try:
            found = action()
        except error as failure:
            self.done += 1
            print(f"ok  {what}: refused, {short(str(failure))}")
            return failure
        print(f"DIFFERENT  {what}\n  found  {short(found)}\n  wanted a refusal")
        sys.exit(1)

    def rows(self, entity_set, condition=lambda row: True):
        return [row for row in self.data[entity_set] if condition(row)]

    def keys(self, entity_set, key, condition=lambda row: True):
        return sorted(row[key] for row in self.rows(entity_set, condition))

    def end(self):
        print(f"{self.done} checks passed")


def short(value):
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}…"


def instant(text):
    """A point in time of the promised rows."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def number(text):
    return None if text is None else Decimal(text)
