"""Drawings of 24 by 24 units → a font in which each is a letter (OpenType 1.9 outlines in a WOFF 1.0 file).

A letter takes the colour and the size of the text around it and is painted from a cache, so that a page may show a thousand
of them; cut out of a picture by a mask, each is a layer of its own, and a month of 300 posts takes seconds to paint.

Contours are those of ``glyf``: points on the line and the control points of quadratic curves, in whole units. The y axis of
SVG points down, that of a font up.
"""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING, Final

from signalbook.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VIEW: Final = 24
"""Units a drawing is wide and high."""
FIRST: Final = 0xE000
"""The code point of the first drawing: the start of Unicode's private area."""
_SCALE: Final = 50
"""Units of the font to one of the drawing: 0.03 px in a glyph of 32 px."""
_EM: Final = VIEW * _SCALE
_NEAR: Final = 0.01
"""How far, in units of the drawing, a curve may lie beside the true one."""
_STEP: Final = math.pi / 6
"""The widest piece of an arc that one quadratic curve stands for: it errs by 0.06 % of the radius."""

Node = tuple[int, int, bool]
"""A point in the font's units, and whether the line passes through it."""
Curve = tuple[complex | None, complex, bool]
"""Control and end of a quadratic curve, without a control of a straight line; and whether a new line begins at that end."""

_ARGUMENTS: Final = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_COMMAND = pattern(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_NUMBERS = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
_NUMBER = pattern(_NUMBERS)
_ARC = pattern(" ?".join([_NUMBERS] * 3 + ["([01])"] * 2 + [_NUMBERS] * 2))


def woff(drawings: Mapping[str, str], family: str) -> bytes:
    """A font of the drawings in order, the first at ``FIRST``; ``drawings`` is name → the ``d`` of an SVG path.

    Raises:
        ValueError: a drawing is none of SVG 2, chapter 9.
    """
    outlines: list[list[list[Node]]] = [[], *(contours(path) for path in drawings.values())]
    glyphs = [_glyph(outline) for outline in outlines]
    ends = [0]
    for glyph in glyphs:
        ends.append(ends[-1] + len(glyph))
    count = len(glyphs)
    points = [sum(map(len, outline)) for outline in outlines]
    tables = {
        b"OS/2": _os2(count),
        b"cmap": _cmap(count - 1),
        b"glyf": b"".join(glyphs),
        b"head": struct.pack(">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0b1011, _EM, 0, 0, 0, 0, _EM, _EM, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, _EM, 0, 0, _EM, 0, 0, _EM, 1, 0, 0, 0, 0, 0, 0, 0, 1),
        b"hmtx": struct.pack(">Hh", _EM, 0) + struct.pack(f">{count - 1}h", *(_left(one) for one in outlines[1:])),
        b"loca": struct.pack(f">{count + 1}I", *ends),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, count, max(points), max(map(len, outlines)), 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": _names(family),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }  # fmt: skip
    return _packed(tables)


def contours(path: str) -> list[list[Node]]:
    """The closed lines of a path, in the font's units."""
    out: list[list[Node]] = []
    line: list[Node] = []
    for control, end, begins in _curves(path):
        node = (round(end.real * _SCALE), round((VIEW - end.imag) * _SCALE), True)
        if begins:
            line = [node]
            out.append(line)
        elif control is not None:
            line.append((round(control.real * _SCALE), round((VIEW - control.imag) * _SCALE), False))
            line.append(node)
        elif line[-1] != node:
            line.append(node)
    out = [line for line in out if len(line) > 2]
    for line in out:
        if line[-1] == line[0]:
            line.pop()
    return out


def _curves(path: str) -> Iterator[Curve]:
    """The path as quadratic curves; a point is a complex number, across and down."""
    at = begun = handle = 0j
    last = ""
    for command, numbers in _commands(path):
        kind = command.upper()
        near = at if command != kind else 0j
        if last == "Z" and kind != "M":
            yield None, at, True
        if kind in "CS":
            mirrored = 2 * at - handle if last in {"C", "S"} else at
            one = near + complex(numbers[0], numbers[1]) if kind == "C" else mirrored
            handle, end = near + complex(numbers[-4], numbers[-3]), near + complex(numbers[-2], numbers[-1])
            yield from _cubic(at, one, handle, end)
            at = end
        elif kind in "LHV":
            x = at.real if kind == "V" else numbers[0] + near.real
            at = complex(x, at.imag if kind == "H" else numbers[-1] + near.imag)
            yield None, at, False
        elif kind == "A":
            end = near + complex(numbers[5], numbers[6])
            yield from _arc(at, numbers, end)
            at = end
        elif kind == "Z":
            at = begun
        elif kind == "M":
            at = begun = near + complex(numbers[0], numbers[1])
            yield None, at, True
        else:
            mirrored = 2 * at - handle if last in {"Q", "T"} else at
            handle = near + complex(numbers[0], numbers[1]) if kind == "Q" else mirrored
            at = near + complex(numbers[-2], numbers[-1])
            yield handle, at, False
        last = kind


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; what repeats without its letter gets it (after a move: a line)."""
    path = " ".join(path.replace(",", " ").split())
    at = 0
    for found in _COMMAND.finditer(path):
        command, text = found.groups()
        size = _ARGUMENTS[command.upper()]
        rows = _NUMBER.findall(text) if size != 7 else [one for row in _ARC.findall(text) for one in row]
        # Nothing may stand there but numbers and what is between them.
        whole = found.start() == at and len("".join(rows)) + text.count(" ") == len(text)
        if not whole or (len(rows) % size or not rows if size else rows):
            break
        numbers = list(map(float, rows))
        yield command, numbers[:size]
        if len(numbers) > size:
            command = {"M": "L", "m": "l"}.get(command, command)
            for place in range(size, len(numbers), size):
                yield command, numbers[place : place + size]
        at = found.end()
    if at != len(path):
        raise ValueError(f"not a path at character {at}: {path[at : at + 20]!r}")


def _cubic(p0: complex, p1: complex, p2: complex, p3: complex) -> Iterator[Curve]:
    """A cubic curve in as few quadratic ones as lie near enough: a piece errs by √3/36 of its third difference."""
    third = p3 - 3 * p2 + 3 * p1 - p0
    off = math.hypot(third.real, third.imag)
    pieces = max(1, math.ceil((off * math.sqrt(3) / 36 / _NEAR) ** (1 / 3)))
    end, left = p0, 3 * (p1 - p0)
    for piece in range(1, pieces + 1):
        t = piece / pieces
        u = 1 - t
        start, right = end, left
        end = u**3 * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t**3 * p3
        left = 3 * (u * u * (p1 - p0) + 2 * u * t * (p2 - p1) + t * t * (p3 - p2))
        yield (start + end) / 2 + (right - left) * ((t - (piece - 1) / pieces) / 4), end, False


def _arc(start: complex, numbers: Sequence[float], end: complex) -> Iterator[Curve]:
    """An arc of an ellipse: SVG 2, appendix B.2.4, from its ends to its centre."""
    rx, ry, turned, large, sweep = abs(numbers[0]), abs(numbers[1]), math.radians(numbers[2]), numbers[3], numbers[4]
    if start == end:
        return
    if not rx or not ry:
        yield None, end, False
        return
    cos, sin = math.cos(turned), math.sin(turned)
    mx, my = (start.real - end.real) / 2, (start.imag - end.imag) / 2
    x1, y1 = cos * mx + sin * my, cos * my - sin * mx
    grown = max(1.0, (x1 / rx) ** 2 + (y1 / ry) ** 2)
    rx, ry = rx * math.sqrt(grown), ry * math.sqrt(grown)
    below = (rx * y1) ** 2 + (ry * x1) ** 2
    share = math.sqrt(max(0.0, ((rx * ry) ** 2 - below) / below)) * (1 if large != sweep else -1)
    cx1, cy1 = share * rx * y1 / ry, -share * ry * x1 / rx
    cx, cy = cos * cx1 - sin * cy1 + (start.real + end.real) / 2, sin * cx1 + cos * cy1 + (start.imag + end.imag) / 2
    first = math.atan2((y1 - cy1) / ry, (x1 - cx1) / rx)
    turn = math.atan2((-y1 - cy1) / ry, (-x1 - cx1) / rx) - first
    if sweep and turn < 0:
        turn += 2 * math.pi
    elif not sweep and turn > 0:
        turn -= 2 * math.pi
    pieces = max(1, math.ceil(abs(turn) / _STEP - 1e-9))
    step = turn / pieces
    far = 1 / math.cos(step / 2)

    def place(angle: float, reach: float = 1.0) -> complex:
        x, y = rx * reach * math.cos(angle), ry * reach * math.sin(angle)
        return complex(cx + cos * x - sin * y, cy + sin * x + cos * y)

    for piece in range(pieces):
        angle = first + piece * step
        yield place(angle + step / 2, far), end if piece == pieces - 1 else place(angle + step), False


# --- the tables of the font ------------------------------------------------------------------------------------------


def _left(outline: Sequence[Sequence[Node]]) -> int:
    return min((x for line in outline for x, _, _ in line), default=0)


def _glyph(outline: Sequence[Sequence[Node]]) -> bytes:
    """One outline as ``glyf`` keeps it; empty for none."""
    nodes = [node for line in outline for node in line]
    if not nodes:
        return b""
    ends, total = [], -1
    for line in outline:
        total += len(line)
        ends.append(total)
    flags, across, up = bytearray(), bytearray(), bytearray()
    left = below = 0
    for x, y, on in nodes:
        flags.append(on | _step(x - left, across, 2, 16) | _step(y - below, up, 4, 32))
        left, below = x, y
    xs, ys = [x for x, _, _ in nodes], [y for _, y, _ in nodes]
    head = struct.pack(">hhhhh", len(outline), min(xs), min(ys), max(xs), max(ys))
    body = head + struct.pack(f">{len(ends)}HH", *ends, 0) + flags + across + up
    return body + b"\0" * (-len(body) % 4)


def _step(by: int, out: bytearray, short: int, same: int) -> int:
    """Write how far a point lies from the one before it, on one axis; gives its flags: one byte, and none or forward."""
    if by == 0:
        return same
    if -256 < by < 256:
        out.append(abs(by))
        return short | same if by > 0 else short
    out += struct.pack(">h", by)
    return 0


def _cmap(count: int) -> bytes:
    """Code points from ``FIRST`` on → glyphs from 1 on (format 4: one segment, and the one that ends the list)."""
    last = FIRST + count - 1
    body = struct.pack(">HHHH", 4, 4, 1, 0) + struct.pack(
        ">HHHHHHHHH", last, 0xFFFF, 0, FIRST, 0xFFFF, (1 - FIRST) & 0xFFFF, 1, 0, 0
    )
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(">HHH", 4, len(body) + 6, 0) + body


def _os2(count: int) -> bytes:
    part = _EM // 2
    return struct.pack(
        ">HhHHHhhhhhhhhhhh10sIIII4sHHHhhhHHIIhhHHH", 4, _EM, 400, 5, 0, part, part, 0, 0, part, part, 0, 0, 50, part, 0,
        bytes(10), 0, 1 << 28, 0, 0, b"NONE", 0xC0, FIRST, FIRST + count - 2, _EM, 0, 0, _EM, 0, 1, 0, part, _EM, 0, FIRST, 1,
    )  # fmt: skip


def _names(family: str) -> bytes:
    texts = {1: family, 2: "Regular", 4: family, 6: family}
    head, kept = b"", b""
    for key, text in texts.items():
        coded = text.encode("utf-16-be")
        head += struct.pack(">HHHHHH", 3, 1, 0x409, key, len(coded), len(kept))
        kept += coded
    return struct.pack(">HHH", 0, len(texts), 6 + len(head)) + head + kept


def _sum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


def _packed(tables: Mapping[bytes, bytes]) -> bytes:
    """The tables as a WOFF 1.0 file (w3.org/TR/WOFF)."""
    count = len(tables)
    power = count.bit_length() - 1
    top = struct.pack(">IHHHH", 0x10000, count, 16 << power, power, (count - (1 << power)) * 16)
    offset = 12 + 16 * count
    for tag, data in tables.items():
        top += struct.pack(">4sIII", tag, _sum(data), offset, len(data))
        offset += len(data) + -len(data) % 4
    whole = (_sum(top) + sum(_sum(data) for data in tables.values())) & 0xFFFFFFFF
    head = bytearray(tables[b"head"])
    sums = {tag: _sum(data) for tag, data in tables.items()}
    struct.pack_into(">I", head, 8, (0xB1B0AFBA - whole) & 0xFFFFFFFF)
    directory, body = b"", b""
    start = 44 + 20 * count
    for tag, raw in tables.items():
        data = bytes(head) if tag == b"head" else raw
        small = zlib.compress(data, 9)
        kept = small if len(small) < len(data) else data
        directory += struct.pack(">4sIIII", tag, start + len(body), len(kept), len(data), sums[tag])
        body += kept + b"\0" * (-len(kept) % 4)
    return (
        struct.pack(">4sIIHHIHHIIIII", b"wOFF", 0x10000, start + len(body), count, 0, offset, 1, 0, 0, 0, 0, 0, 0)
        + directory
        + body
    )
