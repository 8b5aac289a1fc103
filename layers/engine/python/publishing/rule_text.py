"""Reads rules as iCalendar writes them (RFC 5545 3.3.10), and says what is wrong with those that are not taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from publishing.periods import Frequency, Rule, Weekday

T = TypeVar("T")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST = 60  # items in a list
MOST_TIMES = 1_000  # as COUNT; who wants more leaves it out, or says UNTIL
APART_MINUTES = 15
LONGEST_INTERVAL = {
    Frequency.HOURLY: 24,
    Frequency.DAILY: 366,
    Frequency.WEEKLY: 104,
    Frequency.MONTHLY: 60,
    Frequency.YEARLY: 10,
}
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6})?")
_WEEKDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_WHOLE = re.compile(r"[+-]?[0-9]{1,4}")


class NotARule(ValueError):  # noqa: N818
    """A rule that is not taken; `remedy` says what would be."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def rule_of(text: str) -> Rule:
    """The rule a text like `FREQ=WEEKLY;BYDAY=MO,TH` means.

    Raises:
        NotARule: it is none, or one that is not taken.
    """
    parts = _parts(text)
    rule = Rule(
        frequency=_frequency(parts),
        interval=_number(parts, "INTERVAL", 1, 366) or 1,
        weekdays=_list(parts, "BYDAY", _weekday),
        month_days=_list(parts, "BYMONTHDAY", lambda item: _within(item, 31, signed=True)),
        months=_list(parts, "BYMONTH", lambda item: _within(item, 12)),
        positions=_list(parts, "BYSETPOS", lambda item: _within(item, 366, signed=True)),
        hours=_list(parts, "BYHOUR", lambda item: _within(item, 23, least=0)),
        minutes=_list(parts, "BYMINUTE", lambda item: _within(item, 59, least=0)),
        week_start=DAYS.index(_one_of(parts, "WKST", DAYS, "MO")),
        count=_number(parts, "COUNT", 1, MOST_TIMES),
        until=_until(parts),
    )
    _insist_on_sense(rule)
    return rule


def _parts(text: str) -> Mapping[str, str]:
    pairs = [part.partition("=") for part in text.upper().removeprefix("RRULE:").split(";")]
    parts = {name: value for name, _, value in pairs}
    unknown = next((name for name in parts if name not in _KNOWN), None)
    if unknown is not None:
        raise NotARule(f"{unknown or 'An empty part'} is not understood.", f"Use {', '.join(_KNOWN)}.")
    if len(parts) < len(pairs):
        raise NotARule("A part is there twice.", "Name each part once, with a comma between its values.")
    return parts


_KNOWN = (
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY"),
    *("BYHOUR", "BYMINUTE", "BYSETPOS", "WKST"),
)


def _frequency(parts: Mapping[str, str]) -> Frequency:
    remedy = f"Use one of {', '.join(Frequency)}; several times an hour are FREQ=HOURLY;BYMINUTE=0,30."
    try:
        return Frequency(parts.get("FREQ", ""))
    except ValueError:
        raise NotARule("FREQ is missing, or one that is not taken.", remedy) from None


def _list(parts: Mapping[str, str], name: str, read: Callable[[str], T | None]) -> tuple[T, ...]:
    if name not in parts:
        return ()
    items = parts[name].split(",")
    read_items = [read(item) for item in items]
    found = tuple(dict.fromkeys(item for item in read_items if item is not None))
    if len(items) > MOST or any(item is None for item in read_items):
        raise NotARule(f"{name} cannot be read.", _REMEDIES[name])
    return found


_REMEDIES = {
    "BYDAY": "List weekdays like MO,WE, in a month or year also 1MO (the first) or -1FR (the last).",
    "BYMONTHDAY": "List days from 1 to 31, or from -1 (the last) to -31.",
    "BYMONTH": "List months from 1 to 12.",
    "BYSETPOS": "List places from 1 to 366, or from -1 (the last) to -366.",
    "BYHOUR": "List hours from 0 to 23.",
    "BYMINUTE": "List minutes from 0 to 59.",
}


def _within(item: str, most: int, *, least: int = 1, signed: bool = False) -> int | None:
    number = int(item) if _WHOLE.fullmatch(item) else None
    if number is None or not least <= (abs(number) if signed else number) <= most:
        return None
    return number


def _weekday(item: str) -> Weekday | None:
    match = _WEEKDAY.fullmatch(item)
    ordinal = int(match[1] or 0) if match else 0
    if match is None or abs(ordinal) > 53 or (match[1] and not ordinal):  # noqa: PLR2004 - weeks of a year
        return None
    return Weekday(DAYS.index(match[2]), ordinal)


def _number(parts: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    if name not in parts:
        return None
    number = _within(parts[name], most, least=least)
    if number is None:
        raise NotARule(f"{name} is not a number from {least} to {most}.", "Choose one, or leave it out.")
    return number


def _one_of(parts: Mapping[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    found = parts.get(name, default)
    if found not in known:
        raise NotARule(f"{name} is not understood.", f"Use one of {', '.join(known)}.")
    return found


def _until(parts: Mapping[str, str]) -> datetime | None:
    if "UNTIL" not in parts:
        return None
    text = parts["UNTIL"]
    try:
        found = datetime.fromisoformat(text) if _UNTIL.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise NotARule("UNTIL is not a time on the clocks of the zone.", "Write it like 20271231 or 20271231T180000.")
    return found if "T" in text else found.replace(hour=23, minute=59, second=59)


def _insist_on_sense(rule: Rule) -> None:
    frequency, longest = rule.frequency, LONGEST_INTERVAL[rule.frequency]
    if rule.interval > longest:
        raise NotARule(f"INTERVAL is more than {longest}.", f"With FREQ={frequency}, stay within {longest}.")
    if rule.count is not None and rule.until is not None:
        raise NotARule("COUNT and UNTIL exclude each other.", "Keep one of them.")
    if any(each.ordinal for each in rule.weekdays) and frequency not in {Frequency.MONTHLY, Frequency.YEARLY}:
        raise NotARule("A numbered weekday needs a month or year.", "Use FREQ=MONTHLY or YEARLY, or plain weekdays.")
    if rule.month_days and any(each.ordinal for each in rule.weekdays):
        raise NotARule("Numbered weekdays and days of the month exclude each other.", "Keep BYDAY or BYMONTHDAY.")
    if rule.month_days and frequency is Frequency.WEEKLY:
        raise NotARule("Weeks have no days of a month.", "Use FREQ=MONTHLY, or leave BYMONTHDAY out.")
    if rule.positions and (frequency is Frequency.HOURLY or not _sets(rule)):
        raise NotARule("BYSETPOS has nothing to choose from.", "Add another BY part, or leave it out.")
    _insist_on_distance(rule)


def _sets(rule: Rule) -> bool:
    return any((rule.weekdays, rule.month_days, rule.months, rule.hours, rule.minutes))


def _insist_on_distance(rule: Rule) -> None:
    """Minutes apart on the dial are apart in every hour, and across hours."""
    minutes = sorted(rule.minutes)
    if len(minutes) < 2:  # noqa: PLR2004 - one is at least an hour from its next
        return
    following = [*minutes[1:], minutes[0] + 60]
    if min(after - before for before, after in zip(minutes, following, strict=True)) < APART_MINUTES:
        raise NotARule(
            f"Occurrences are less than {APART_MINUTES} minutes apart.",
            "Choose minutes further apart, as BYMINUTE=0,30.",
        )
