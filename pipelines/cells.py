"""The habits of cells: what a header, a number, a date or an id in somebody else's table can mean.

Nothing here guesses. A cell has *readings*; a column, or a whole file, keeps the readings that every cell allows; one
reading left is an answer, none or several is not, and the caller says so to the person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from signalbook.classes import dataclass

Cell = str | int | float | bool | date | datetime | None
"""What a spreadsheet or a text table holds: text as written, or a spreadsheet's own number, truth or date."""
Order = Literal["day-first", "month-first"]
Point = Literal[".", ","]

EMPTY = frozenset({
    "", "-", "--", "–", "—", "n/a", "na", "null", "none", "nan", "#n/a", "k. a.", "k.a.", "s.o.", "n.v.t.", "n.d.",
    "(empty)",
})  # fmt: skip
"""Written where there is no value. Never zero."""
TOTALS = frozenset({
    "total", "totals", "grand total", "grand totals", "subtotal", "gesamt", "gesamtsumme", "gesamtergebnis", "summe",
    "insgesamt", "total general", "total geral", "totales", "totais", "totale", "totali", "totale generale", "totaal",
    "eindtotaal", "total global", "total du compte", "somme", "suma", "soma", "totaux", "gesamtwert", "gesamtwerte",
    "łacznie", "razem", "ogołem", "suma koncowa", "suma całkowita", "合計", "総計", "sum", "sum total", "всего", "итого",
})  # fmt: skip
"""What tools write in front of a row of sums, in the languages of the layouts; folded."""

_GROUPS = str.maketrans("", "", " \u00a0\u202f\u2009\u2007'’_")
_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "US$": "USD", "R$": "BRL", "CHF": "CHF"}


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Fold a header or a word for comparing: no case, no accents, no punctuation, single spaces.

    ``"Durée de visionnage (heures)"`` becomes ``"duree de visionnage heures"``.
    """
    plain = unicodedata.normalize("NFKD", text.replace("\ufeff", "")).casefold()
    kept = "".join(
        character if character.isalnum() else "" if character in "'’" else " "
        for character in plain
        if not unicodedata.combining(character)
    )
    return " ".join(kept.split())


def snake(text: str) -> str:
    """A header as a metric's name: ``"Detail Expands"`` becomes ``detail_expands``."""
    return fold(text.replace("'", "").replace("’", "")).replace(" ", "_")[:80] or "unnamed"


def text_of(cell: Cell) -> str:
    """What stands in a cell as text, without the white space around it; a whole float loses its ``.0``."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell).strip().strip("\u00a0\ufeff").strip()


def is_empty(cell: Cell) -> bool:
    """Whether a cell says that there is no value."""
    return cell is None or (isinstance(cell, str) and text_of(cell).casefold() in EMPTY)


def is_total(cell: Cell) -> bool:
    """Whether a cell is the word in front of a row of sums, e.g. ``Gesamt`` or ``Grand Totals (57 records)``."""
    if not isinstance(cell, str):
        return False
    word = re.sub(r"\s*\([^)]*\)\s*$", "", cell)
    return fold(word) in TOTALS


# --- numbers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written: its readings, and what stood beside the digits.

    Attributes:
        point: the value when ``.`` is the decimal sign, ``None`` when it cannot be read so.
        comma: the same for ``,``.
        decimals: digits after the decimal sign in each reading, ``(point, comma)``.
        percent: a per cent sign stood there.
        currency: ISO code of a currency's sign or code, empty for none.
        rounded: the tool shortened it (``12K``).
    """

    point: Decimal | None
    comma: Decimal | None
    decimals: tuple[int, int] = (0, 0)
    percent: bool = False
    currency: str = ""
    rounded: bool = False

    def read(self, point: Point) -> Decimal | None:
        """The value when *point* is the decimal sign."""
        return self.point if point == "." else self.comma

    def whole(self, point: Point) -> bool:
        """Whether a count may be written like this: no fraction, and no three digits where a group could stand."""
        value = self.read(point)
        places = self.decimals[0 if point == "." else 1]
        return value is not None and value == value.to_integral_value() and (places != 3 or self.rounded)


_BODY = re.compile(r"\d[\d.,]*|[.,]\d+")
_SUFFIX = {
    "k": 1_000, "tsd": 1_000, "tys": 1_000, "万": 10_000, "m": 1_000_000, "mio": 1_000_000, "mln": 1_000_000,
    "億": 100_000_000, "b": 1_000_000_000, "md": 1_000_000_000, "mld": 1_000_000_000, "mrd": 1_000_000_000,
}  # fmt: skip


def figure(cell: Cell) -> Figure | None:
    """Read a cell as a number, ``None`` when it is none.

    Signs before or behind, accounting brackets, currencies, per cent, groups by space, apostrophe, point or comma
    (also in the Indian manner) and the short forms ``12K`` and ``1,2 Mio.`` are known.
    """
    if isinstance(cell, bool) or cell is None or isinstance(cell, date):
        return None
    if isinstance(cell, int):
        return Figure(Decimal(cell), Decimal(cell))
    if isinstance(cell, float):
        value = Decimal(repr(cell)) if cell == cell and abs(cell) != float("inf") else None  # noqa: PLR0124 - NaN
        return None if value is None else Figure(value, value)
    raw = text_of(cell)
    if len(raw) > 60 or any(
        character.isnumeric() and not character.isdecimal() and character not in _SUFFIX for character in raw
    ):
        return None
    text = unicodedata.normalize("NFKC", raw).replace("−", "-").replace("–", "-")
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
    percent = "%" in text
    if percent:
        text = text.replace("%", "", 1).strip()
    currency = ""
    for sign in sorted(_CURRENCIES, key=len, reverse=True):
        if text.replace("-", "").strip().startswith(sign) or text.endswith(sign):
            currency, text = _CURRENCIES[sign], text.replace(sign, "", 1).strip()
            break
    code = re.match(r"^([A-Z]{3})\s*(?=[-\d.,])|(?<=\d)\s*([A-Z]{3})$", text) or re.search(
        r"(?<=\d)\s+([A-Z]{3})$", text
    )
    if code and not currency:
        currency = next(group for group in code.groups() if group)
        text = (text[: code.start()] + text[code.end() :]).strip()
    if text[:1] in {"-", "+"}:
        negative, text = negative != (text[0] == "-"), text[1:].strip()
    elif text.endswith("-") and text[:-1].strip()[-1:].isdigit():
        negative, text = not negative, text[:-1].strip()
    # A space in a number parts groups of three, or stands before a short form.
    grouped = r"\d{1,3}(?:[ '’_]\d{3})+(?:[.,]\d+)?(?:\s*[a-zA-Z万億]+\.?)?|[\d.,]+\s*[a-zA-Z万億]+\.?"
    if re.search(r"[ \u00a0'’_]", text) and not re.fullmatch(grouped, text):
        return None
    text = text.translate(_GROUPS)
    factor = 1
    short = re.match(r"^([\d.,]+)([a-zA-Z万億]+)\.?$", text)
    if short:
        factor = _SUFFIX.get(short[2].casefold(), 0)
        if not factor:
            return None
        text = short[1]
    if re.fullmatch(r"\d+(?:\.\d+)?[eE][+-]?\d+", text):
        return None
    if not _BODY.fullmatch(text):
        return None
    readings: list[Decimal | None] = []
    places: list[int] = []
    for point, group in ((".", ","), (",", ".")):
        value, decimals = _reading(text, point, group)
        readings.append(None if value is None else (-value if negative else value) * factor)
        places.append(decimals)
    if readings == [None, None]:
        return None
    return Figure(readings[0], readings[1], (places[0], places[1]), percent, currency, rounded=factor > 1)


def _reading(text: str, point: str, group: str) -> tuple[Decimal | None, int]:
    """The value of digits with *point* as decimal sign and *group* between thousands, and its number of decimals."""
    head, _, tail = text.partition(point)
    if group in tail or point in tail:
        return None, 0
    if group in head:
        lead = re.escape(group)
        thousands = rf"[1-9]\d{{0,2}}(?:{lead}\d{{3}})+"
        indian = rf"[1-9]\d?(?:{lead}\d{{2}})+{lead}\d{{3}}"
        if not re.fullmatch(f"{thousands}|{indian}", head):
            return None, 0
        head = head.replace(group, "")
    try:
        return Decimal(f"{head or '0'}.{tail or '0'}"), len(tail)
    except InvalidOperation:
        return None, 0


def points(counts: Iterable[Figure], others: Iterable[Figure]) -> set[Point]:
    """The decimal signs under which every number of a file can be read; counts must come out whole."""
    possible: set[Point] = {".", ","}
    for seen in counts:
        possible = {point for point in possible if seen.whole(point)}
    for seen in others:
        possible = {point for point in possible if seen.read(point) is not None}
    return possible


# --- dates -----------------------------------------------------------------------------------------------------------

_MONTHS = """
jan january januar janvier janv enero ene gennaio gen janeiro januari jaenner sty styczen stycznia
feb february februar fevrier fevr fev febrero febbraio fevereiro februari febr lut luty lutego
mar march marz maerz mars marzo marco maart mrt mrz marzec marca
apr april avril avr abril abr aprile kwi kwiecien kwietnia
may mai mayo maggio mag maio mei maj maja
jun june juni juin junio giugno giu junho cze czerwiec czerwca
jul july juli juillet juil julio luglio lug julho lip lipiec lipca
aug august aout agosto ago augustus sie sierpien sierpnia
sep sept september septembre septiembre settembre set setembro wrz wrzesien wrzesnia
oct october oktober okt octobre octubre ottobre ott outubro out paz pazdziernik pazdziernika
nov november novembre noviembre novembro lis listopad listopada
dec december dezember dez decembre diciembre dic dicembre dezembro gru grudzien grudnia
"""
MONTHS: Mapping[str, int] = {
    word: number for number, line in enumerate(_MONTHS.strip().splitlines(), 1) for word in line.split()
}
"""Folded names and short forms of months → 1–12: English, German, French, Spanish, Italian, Portuguese, Dutch,
Polish."""

_TIME = r"(?:[T,\s]+(?:at|um|à|a las|alle|às|om)?\s*(?P<h>\d{1,2})[:hH.](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<ap>[AaPp]\.?\s?[Mm]\.?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_NUMERIC = re.compile(rf"(?P<a>\d{{1,4}})(?P<sep>[./-])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{2,4}}){_TIME}")
_IDEOGRAPHS = re.compile(rf"(?P<y>\d{{4}})年\s*(?P<b>\d{{1,2}})月\s*(?P<c>\d{{1,2}})日(?:\s*\([^)]\))?{_TIME}")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<b>\d{2})(?P<c>\d{2})")
_MONTH_FIRST = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(?P<mon>[^\W\d]+)\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}"
)
_DAY_FIRST = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(?P<d>\d{{1,2}})(?:\.|er|º|°)?[\s-]+(?:de\s+)?(?P<mon>[^\W\d]+)\.?,?[\s-]+(?:de\s+)?(?P<y>\d{{4}}){_TIME}"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as written: one value for each order of day and month that it allows.

    Attributes:
        day_first: the instant or day when the day comes first, ``None`` when it cannot.
        month_first: the same when the month comes first.
    """

    day_first: datetime | date | None
    month_first: datetime | date | None

    def read(self, order: Order) -> datetime | date | None:
        """The value under one order."""
        return self.day_first if order == "day-first" else self.month_first

    @property
    def ambiguous(self) -> bool:
        """Whether both orders give a date, and not the same."""
        return None not in {self.day_first, self.month_first} and self.day_first != self.month_first


def moment(cell: Cell) -> Moment | None:
    """Read a cell as a day or an instant, ``None`` when it is neither.

    A time without a zone stays naive; a time with one is aware. Numbers of ten or thirteen digits are seconds and
    milliseconds since 1970; a spreadsheet's own dates are taken as they are; its bare serial numbers are not dates.
    """
    if isinstance(cell, datetime):
        # A spreadsheet has no type for a day: midnight is one.
        plain = cell.date() if (cell.hour, cell.minute, cell.second) == (0, 0, 0) and cell.tzinfo is None else cell
        return Moment(plain, plain)
    if isinstance(cell, date):
        return Moment(cell, cell)
    if isinstance(cell, bool) or cell is None or isinstance(cell, float):
        return None
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if len(text) > 60:
        return None
    if re.fullmatch(r"\d{10}|\d{13}", text):
        seconds = int(text) if len(text) == 10 else int(text) / 1000
        at = datetime.fromtimestamp(seconds, UTC)
        return Moment(at, at) if 2000 <= at.year <= 2100 else None
    compact = _COMPACT.fullmatch(text)
    if compact:
        return _both(_made(int(compact["y"]), int(compact["b"]), int(compact["c"]), None))
    for pattern in (_MONTH_FIRST, _DAY_FIRST):
        named = pattern.fullmatch(text)
        if named and fold(named["mon"]) in MONTHS:
            return _both(_made(int(named["y"]), MONTHS[fold(named["mon"])], int(named["d"]), named))
    told = _IDEOGRAPHS.fullmatch(text)
    if told:
        return _both(_made(int(told["y"]), int(told["b"]), int(told["c"]), told))
    numeric = _NUMERIC.fullmatch(text)
    if not numeric:
        return None
    first, second, third = numeric["a"], int(numeric["b"]), numeric["c"]
    if len(first) == 4:
        return _both(_made(int(first), second, int(third), numeric)) if len(third) <= 2 else None
    if len(first) > 2 or len(third) == 3:
        return None
    year = int(third) if len(third) == 4 else 2000 + int(third)
    by_day = _made(year, second, int(first), numeric)
    # Nobody writes the month first with points between.
    by_month = None if numeric["sep"] == "." else _made(year, int(first), second, numeric)
    return None if by_day is None and by_month is None else Moment(by_day, by_month)


def _both(value: datetime | date | None) -> Moment | None:
    return None if value is None else Moment(value, value)


def _made(year: int, month: int, day: int, match: re.Match[str] | None) -> datetime | date | None:
    """The day, or the instant when the match has a time; ``None`` when the calendar has no such day."""
    try:
        if match is None or not match["h"]:
            return date(year, month, day)
        hour = int(match["h"])
        half = (match["ap"] or "").casefold().replace(".", "").replace(" ", "")
        if half:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if half == "pm" else 0)
        zone = match["z"]
        tz: timezone | None = None
        if zone in {"Z", "UTC", "GMT"}:
            tz = UTC
        elif zone:
            minutes = int(zone[1:3]) * 60 + int(zone[-2:])
            tz = timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
        return datetime(year, month, day, hour, int(match["m"]), int(match["s"] or 0), tzinfo=tz)
    except ValueError:
        return None


def day_of(value: datetime | date) -> date:
    """The day of an instant as the source wrote it, or the day itself."""
    return value.date() if isinstance(value, datetime) else value


def orders(moments: Iterable[Moment], *, not_after: date | None = None) -> set[Order]:
    """The orders of day and month under which every date of a file exists, and none lies after *not_after*."""
    possible: set[Order] = {"day-first", "month-first"}
    for seen in moments:
        for order in tuple(possible):
            value = seen.read(order)
            if value is None or (not_after is not None and seen.ambiguous and day_of(value) > not_after):
                possible.discard(order)
    return possible


def consecutive(days: Iterable[date]) -> bool:
    """Whether distinct days follow one another without a gap; fewer than two prove nothing."""
    found = sorted(set(days))
    return len(found) > 1 and all((after - before).days == 1 for before, after in pairwise(found))


# --- ids -------------------------------------------------------------------------------------------------------------


def id_of(cell: Cell) -> str:
    """An id as text, every digit kept.

    Raises:
        ValueError: a spreadsheet shortened it: ``2.07E+18``, or a float beyond 2^53.
    """
    if isinstance(cell, float) and (not cell.is_integer() or abs(cell) >= 2**53):
        raise ValueError(repr(cell))
    text = text_of(cell).strip("'’\"").removeprefix("=").strip("\"'")
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", text):
        raise ValueError(text)
    return re.sub(r"^(\d+)\.0+$", r"\1", text)


def shortened(ids: Iterable[str]) -> str:
    """An id whose digits from the sixteenth on a spreadsheet set to zero, empty when there is none.

    Spreadsheets keep 15 digits. One long id may end in zeros by chance; when all of them do, it is none.
    """
    long = [found for found in ids if found.isdigit() and len(found) >= 17]
    return long[0] if long and all(set(found[15:]) == {"0"} for found in long) else ""
