"""What pictures and videos are, by their bytes, and what each network takes; re-encoded where they do not fit.

Everything here decides on bytes that it is given. ``look`` reads headers and nothing else, so that a check costs little
and a hostile picture is never unpacked; ``fitted`` takes out where a picture was taken, and makes it smaller where a
network asks for it, with the same bytes each time.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
import struct
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

from signalbook.classes import dataclass

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 80_000_000
"""Larger pictures are not unpacked: they take more memory than a scheduled job has."""
MOST_BYTES = 100_000_000
"""A picture of more bytes is not unpacked either."""


@dataclass(frozen=True, slots=True)
class Takes:
    """A row of ``media.toml``; 0 or empty where nothing is known."""

    name: str
    source: str
    strength: str
    as_of: date
    images: int = 0
    images_highest: int = 0
    videos: int = 0
    gifs: int = 0
    mixed: bool = False
    required: str = ""
    types: tuple[str, ...] = ()
    video_types: tuple[str, ...] = ()
    image_bytes: int = 0
    gif_bytes: int = 0
    video_bytes: int = 0
    pixels: int = 0
    side: int = 0
    width_min: int = 0
    ratio_min: float = 0
    ratio_max: float = 0
    originals: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """A file as its bytes say.

    Attributes:
        mime: e.g. ``image/jpeg``; empty when unknown.
        width: in pixels, as it lies in the file; 0 when unknown.
        height: in pixels; 0 when unknown.
        size: in bytes.
        moves: whether it is an animation.
        turned: how a viewer has to turn it, by EXIF; 1 for not at all.
        located: whether it says where it was taken.
    """

    mime: str
    size: int
    width: int = 0
    height: int = 0
    moves: bool = False
    turned: int = 1
    located: bool = False

    @property
    def kind(self) -> str:
        """``image``, ``gif`` (an animation), ``video``, ``audio``, or ``file``."""
        first = self.mime.partition("/")[0]
        if first == "image":
            return "gif" if self.moves else "image"
        return first if first in {"video", "audio"} else "file"

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height as a viewer shows it."""
        return (self.height, self.width) if self.turned >= _SIDEWAYS else (self.width, self.height)


_SIDEWAYS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a network would not take something.

    Attributes:
        message: what is wrong.
        remedy: what to do.
        index: which medium, from 0; -1 for all of them together.
        sure: whether the network's own documentation says so.
    """

    message: str
    remedy: str
    index: int = -1
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Fitted:
    """A medium as it will be sent.

    Attributes:
        done: what was done to it, in words; empty for nothing.
        digest: hex of SHA-256 of the bytes.
    """

    data: bytes
    mime: str
    width: int
    height: int
    digest: str
    done: tuple[str, ...] = ()


@functools.cache
def table() -> Mapping[str, Takes]:
    """Network → what it takes."""
    text = resources.files("signalbook").joinpath("media.toml").read_text(encoding="utf-8")
    return {name: _row(name, row) for name, row in tomllib.loads(text).items()}


def _row(name: str, row: Mapping[str, Any]) -> Takes:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Takes(name=name, **values)


# --- what a file is --------------------------------------------------------------------------------------------------


def look(data: bytes, size: int | None = None) -> Looked:
    """What a file is, from its first bytes; ``size`` is that of the whole file when these are not all of it.

    Never raises, whatever the bytes.
    """
    size = len(data) if size is None else size
    try:
        return _look(data, size)
    except (struct.error, IndexError, ValueError):
        return Looked(_mime(data), size)


_BEGINS: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF87a": "image/gif", b"GIF89a": "image/gif",
    b"II*\0": "image/tiff", b"MM\0*": "image/tiff", b"BM": "image/bmp", b"%PDF-": "application/pdf",
    b"\x1aE\xdf\xa3": "video/webm", b"ID3": "audio/mpeg", b"\xff\xfb": "audio/mpeg", b"OggS": "audio/ogg", b"fLaC": "audio/flac",
    b"WEBVTT": "text/vtt",
}  # fmt: skip
_BRANDS: Mapping[bytes, str] = {
    b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic",
    b"qt  ": "video/quicktime", b"M4A ": "audio/mp4",
}  # fmt: skip


def _mime(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(data[8:12], "")
    if found := next((mime for begin, mime in _BEGINS.items() if data.startswith(begin)), ""):
        return found
    head = data[:400].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "image/svg+xml" if head.startswith(b"<svg") or (head.startswith(b"<?xml") and b"<svg" in head) else ""


def _look(data: bytes, size: int) -> Looked:
    mime = _mime(data)
    if mime == "image/jpeg":
        return _jpeg(data, size)
    if mime == "image/png":
        width, height = struct.unpack(">II", data[16:24])
        turned, located = next((_exif(body) for name, body in _chunks(data) if name == b"eXIf"), (1, False))
        return Looked(mime, size, width, height, any(name == b"acTL" for name, _ in _chunks(data)), turned, located)
    if mime == "image/gif":
        width, height = struct.unpack("<HH", data[6:10])
        return Looked(mime, size, width, height, moves=b"NETSCAPE2.0" in data or data.count(b"\x21\xf9\x04") > 1)
    if mime == "image/webp":
        return _webp(data, size)
    if mime == "image/bmp":
        width, height = struct.unpack("<ii", data[18:26])
        return Looked(mime, size, abs(width), abs(height))
    if mime in {"image/avif", "image/heic"} and (at := data.find(b"ispe")) >= 0:
        width, height = struct.unpack(">II", data[at + 8 : at + 16])
        return Looked(mime, size, width, height)
    return Looked(mime, size)


_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, first byte and end of every segment of a JPEG before its picture."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        mark = data[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        if mark in {0xD8, 0x01} or 0xD0 <= mark <= 0xD7:
            yield mark, at, at + 2
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield mark, at, end
        if mark == 0xDA or end <= at + 3:
            return
        at = end


def _jpeg(data: bytes, size: int) -> Looked:
    width = height = 0
    turned, located = 1, False
    for mark, start, end in _segments(data):
        if mark in _FRAMES and end - start >= 9:
            height, width = struct.unpack(">HH", data[start + 5 : start + 9])
        elif mark == 0xE1 and data[start + 4 : start + 10] == b"Exif\0\0":
            turned, located = _exif(data[start + 10 : end])
    return Looked("image/jpeg", size, width, height, turned=turned, located=located)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of the chunks of a PNG before its picture, and after it as far as the bytes reach."""
    at = 8
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def _webp(data: bytes, size: int) -> Looked:
    kind, body = data[12:16], data[20:]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(body[4:7], "little")
        height = 1 + int.from_bytes(body[7:10], "little")
        turned, located = 1, False
        at = 12
        while at + 8 <= len(data):
            length = int.from_bytes(data[at + 4 : at + 8], "little")
            if data[at : at + 4] == b"EXIF":
                turned, located = _exif(data[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0"))
            at += 8 + length + length % 2
        return Looked("image/webp", size, width, height, bool(body[0] & 2), turned, located)
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return Looked("image/webp", size, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack("<HH", body[6:10])
    return Looked("image/webp", size, width & 0x3FFF, height & 0x3FFF)


def _exif(data: bytes) -> tuple[int, bool]:
    """How a picture is turned, and whether it says where it was taken, by the first directory of its EXIF."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return 1, False
    (start,) = struct.unpack(f"{order}I", data[4:8])
    (count,) = struct.unpack(f"{order}H", data[start : start + 2])
    turned, located = 1, False
    for number in range(min(count, 512)):
        at = start + 2 + 12 * number
        tag, kind = struct.unpack(f"{order}HH", data[at : at + 4])
        if tag == 0x0112 and kind == 3:
            (value,) = struct.unpack(f"{order}H", data[at + 8 : at + 10])
            turned = value if 1 <= value <= 8 else 1
        located |= tag == 0x8825
    return turned, located


# --- what a network takes --------------------------------------------------------------------------------------------


def problems(
    network: str, name: str, files: Sequence[Looked], *, limit: Mapping[str, int] | None = None
) -> list[Problem]:
    """What a network would not take of a post's files, and what no re-encoding mends.

    ``name`` is the channel's for the message; ``limit`` holds numbers by the names of ``media.toml`` that beat it.
    """
    row = table().get(network)
    if row is None:
        return []
    said = limit or {}
    return list(_together(row, name, files, said)) + [
        problem for index, one in enumerate(files) for problem in _single(row, name, index, one, said)
    ]


_NOUNS = {"image": "picture", "gif": "animation", "video": "video", "audio": "sound", "file": "file"}


def _together(row: Takes, name: str, files: Sequence[Looked], said: Mapping[str, int]) -> Iterator[Problem]:
    number = {kind: sum(1 for one in files if one.kind == kind) for kind in _NOUNS}
    official = row.strength == "official"
    if row.required == "any" and not files:
        yield Problem(
            f"{name} takes no post of words alone.",
            "Add a picture or a video: `media: [{src: …, alt: …}]`.",
            sure=official,
        )
    if row.required == "video" and not number["video"]:
        yield Problem(
            f"{name} takes a video, and the post has none.", "Add it: `media: [{src: …, captions: …}]`.", sure=official
        )
    moving = number["gif"] if row.gifs else 0
    pictures = number["image"] + (0 if row.gifs else number["gif"])
    for kind, have, most in (
        ("picture", pictures, said.get("images", row.images)), ("video", number["video"], said.get("videos", row.videos)),
        ("animation", moving, row.gifs),
    ):  # fmt: skip
        if have > most:
            unsure = kind == "picture" and have <= row.images_highest
            yield Problem(
                f"{name} takes {most or 'no'} {kind}{'' if most == 1 else 's'} in a post and this one has {have}.",
                "Choose the ones that matter, or make two posts.", sure=official and not unsure,
            )  # fmt: skip
    if not row.mixed and sum(1 for have in (pictures, number["video"], moving) if have) > 1:
        yield Problem(
            f"{name} takes pictures or a video, not both.", "Leave one of them out, or make two posts.", sure=official
        )


def _single(row: Takes, name: str, index: int, one: Looked, said: Mapping[str, int]) -> Iterator[Problem]:
    noun = _NOUNS[one.kind]
    official = row.strength == "official"
    if not one.mime or one.kind == "file" or one.mime == "image/svg+xml":
        what = f"{'an ' if one.mime[:1] in 'aeio' else 'a '}{one.mime} file" if one.mime else "of no kind that we know"
        yield Problem(f"The file is {what} by its bytes, whatever its name says, and {name} would not show it.",
                      "Save it as JPEG, PNG or MP4.", index, official)  # fmt: skip
        return
    if one.mime == "image/heic":
        yield Problem("The picture is HEIC, which nearly no network shows and we cannot turn into another kind.",
                      "Save it as JPEG.", index, official)  # fmt: skip
    if one.width * one.height > MOST_PIXELS:
        yield Problem(f"The picture has {one.width:,} × {one.height:,} pixels, more than we unpack ({MOST_PIXELS:,}).",
                      "Save it at 4,000 pixels or less on its longer side.", index)  # fmt: skip
    elif one.kind == "image" and one.size > MOST_BYTES:
        yield Problem(f"The picture has {_size(one.size)}, more than we unpack.", "Save it smaller.", index)
    if one.kind == "video" and row.video_types and one.mime not in row.video_types:
        yield Problem(f"{name} takes {_listed(row.video_types)} and this video is {_listed((one.mime,))}.",
                      "Save it as MP4 (H.264).", index, official)  # fmt: skip
    most = said.get(f"{one.kind}_bytes", 0) or {"video": row.video_bytes, "gif": row.gif_bytes or row.image_bytes}.get(
        one.kind, 0
    )
    if most and one.size > most:
        yield Problem(f"{name} takes {_size(most)} and this {noun} has {_size(one.size)}; {noun}s are not re-encoded here.",
                      "Save it smaller or shorter.", index, official)  # fmt: skip
    if one.kind == "gif" and row.types and one.mime not in row.types:
        yield Problem(f"{name} takes {_listed(row.types)} and this animation is {_listed((one.mime,))}.",
                      "Save it as a video.", index, official)  # fmt: skip
    if one.kind != "image" or not one.width or not one.height:
        return
    width, height = one.shown
    if row.width_min and width < row.width_min:
        yield Problem(f"{name} takes pictures from {row.width_min} pixels of width and this one has {width}.",
                      "Use a larger one; enlarging it would only blur it.", index, sure=False)  # fmt: skip
    ratio = width / height
    if (row.ratio_min and ratio < row.ratio_min - 0.005) or (row.ratio_max and ratio > row.ratio_max + 0.005):
        yield Problem(f"{name} takes pictures from {row.ratio_min:g}:1 to {row.ratio_max:g}:1 and this one is {ratio:.2f}:1.",
                      "Cut it to 4:5, 1:1 or 1.91:1.", index, sure=False)  # fmt: skip


def _listed(types: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(one.partition("/")[2].replace("quicktime", "MOV").upper() for one in types))


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{count / 1000:.0f} kB"


# --- making it fit ---------------------------------------------------------------------------------------------------

_QUALITIES = (92, 85, 78, 70)
_SHRINK = 0.8
_LEAST_SIDE = 240
_READ = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP")
_NAMES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


def fitted(data: bytes, network: str, name: str = "", *, limit: Mapping[str, int] | None = None) -> Fitted | Problem:
    """The bytes that a network is sent for a medium: the same where they fit, else re-encoded; the same bytes each time.

    What says where and with what a picture was taken is taken out, without touching the picture where its format lets
    us; not on networks that keep originals. Videos, sounds and animations are passed on.
    """
    seen = look(data)
    row = table().get(network)
    name = name or network
    if row is not None:
        wrong = next((one for one in _single(row, name, 0, seen, limit or {}) if one.sure), None)
        if wrong:
            return wrong
    if seen.kind != "image" or seen.mime in {"image/svg+xml", "image/heic"}:
        return _as_is(data, seen)
    most_bytes = (limit or {}).get("image_bytes", 0) or (row.image_bytes if row else 0)
    types = row.types if row else ()
    need = _needs(seen, row, most_bytes, types)
    if not need:
        bare = data if row is not None and row.originals else without_metadata(data)
        return _as_is(bare, seen, *(("what it says of place and camera is taken out",) if bare != data else ()))
    if seen.width * seen.height > MOST_PIXELS or seen.size > MOST_BYTES:
        return Problem(
            "The picture is larger than we unpack.", "Save it at 4,000 pixels or less on its longer side.", 0
        )
    return _encoded(data, seen, row, most_bytes, types, need)


def _as_is(data: bytes, seen: Looked, *done: str) -> Fitted:
    return Fitted(data, seen.mime or "application/octet-stream", *seen.shown, hashlib.sha256(data).hexdigest(), done)


def _needs(seen: Looked, row: Takes | None, most_bytes: int, types: tuple[str, ...]) -> tuple[str, ...]:
    """Why a picture must be encoded anew."""
    need = []
    if types and seen.mime not in types:
        need.append(f"{_listed((seen.mime,))} is not taken")
    if most_bytes and seen.size > most_bytes:
        need.append(f"{_size(seen.size)} of {_size(most_bytes)}")
    if row is not None and row.pixels and seen.width * seen.height > row.pixels:
        need.append(f"{seen.width * seen.height:,} pixels of {row.pixels:,}")
    if row is not None and row.side and max(seen.width, seen.height) > row.side:
        need.append(f"{max(seen.width, seen.height):,} pixels on the longer side of {row.side:,}")
    if seen.turned != 1 and not (row is not None and row.originals):
        need.append("it lies turned in its file")
    return tuple(need)


def _encoded(
    data: bytes, seen: Looked, row: Takes | None, most_bytes: int, types: tuple[str, ...], need: tuple[str, ...]
) -> Fitted | Problem:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=_READ) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValueError(opened.size)
            profile = opened.info.get("icc_profile")
            picture: Image.Image = ImageOps.exif_transpose(opened)
            picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning,
            MemoryError, struct.error, IndexError, KeyError, TypeError, ZeroDivisionError):  # fmt: skip
        return Problem(
            "The picture cannot be unpacked: its file is damaged.",
            "Save it again from the program it was made with.",
            0,
        )
    clear = "A" in picture.getbands() or "transparency" in picture.info
    mime = (
        seen.mime
        if seen.mime in _NAMES and (not types or seen.mime in types)
        else "image/png"
        if clear and (not types or "image/png" in types)
        else "image/jpeg"
    )
    side = float(max(picture.size))
    if row is not None and row.side:
        side = min(side, row.side)
    if row is not None and row.pixels and picture.width * picture.height > row.pixels:
        side = min(side, max(picture.size) * (row.pixels / (picture.width * picture.height)) ** 0.5)
    if (
        mime == "image/png"
        and most_bytes
        and (made := _tried(picture, mime, int(side), profile, ()))
        and len(made) > most_bytes
    ):
        mime = "image/jpeg" if not types or "image/jpeg" in types else mime
    while side >= _LEAST_SIDE or side == max(picture.size):
        for quality in _QUALITIES if mime != "image/png" else (0,):
            made = _tried(picture, mime, int(side), profile, (quality,))
            if not most_bytes or len(made) <= most_bytes:
                after = look(made)
                said = (
                    f"encoded anew as {_listed((mime,))} ({after.width:,} × {after.height:,}, {_size(len(made))}): {'; '.join(need)}",
                )
                return _as_is(made, after, *said)
        side *= _SHRINK
    return Problem(f"The picture cannot be made to fit {_size(most_bytes)}.", "Use another one.", 0)


def _tried(picture: Image.Image, mime: str, side: int, profile: bytes | None, quality: tuple[int, ...]) -> bytes:
    from PIL import Image

    copy = picture
    if copy.mode == "P" or (mime == "image/jpeg" and copy.mode not in {"RGB", "L"}):
        copy = copy.convert("RGBA" if "A" in copy.getbands() or "transparency" in copy.info else "RGB")
    if max(copy.size) > side:
        scale = side / max(copy.size)
        copy = copy.resize(
            (max(1, round(copy.width * scale)), max(1, round(copy.height * scale))), Image.Resampling.LANCZOS
        )
    if mime == "image/jpeg" and copy.mode == "RGBA":
        ground = Image.new("RGB", copy.size, "white")
        ground.paste(copy, mask=copy.getchannel("A"))
        copy = ground
    out = io.BytesIO()
    # A profile of another colour space than the picture's would make it look wrong.
    kept = profile if picture.mode in {"RGB", "RGBA", "L"} else None
    if mime == "image/png":
        copy.save(out, "PNG", optimize=True, icc_profile=kept)
    elif mime == "image/webp":
        copy.save(out, "WEBP", quality=quality[0] if quality else 92, method=4, icc_profile=kept or b"")
    else:
        copy.save(
            out, "JPEG", quality=quality[0] if quality else 92, optimize=True, progressive=True, icc_profile=kept or b""
        )
    return out.getvalue()


_PNG_TEXT = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})


def without_metadata(data: bytes) -> bytes:
    """A picture without EXIF, XMP and comments, its picture untouched to the byte; colour profiles stay.

    A file that is no JPEG, PNG or WebP, or is damaged, stays as it is.
    """
    mime = _mime(data)
    if mime == "image/jpeg":
        return _bare_jpeg(data)
    if mime == "image/png":
        return _bare_png(data)
    return _bare_webp(data) if mime == "image/webp" else data


_MARK = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")


def _bare_jpeg(data: bytes) -> bytes:
    pieces, last, begun = [data[:2]], 2, 0
    for mark, start, end in _segments(data):
        if end > len(data):
            return data
        if mark in {0xE1, 0xED, 0xFE}:
            pieces.append(data[last:start])
            last = end
        elif mark == 0xDA:
            begun = end
    # Telephones put a short video behind the picture, which may say the place once more.
    at = begun
    while at and (match := _MARK.search(data, at)):
        if match[1] == b"\xd9":
            bare = b"".join([*pieces, data[last : match.end()]])
            return bare if len(bare) < len(data) else data
        at = match.end() + int.from_bytes(data[match.end() : match.end() + 2], "big")
    return b"".join([*pieces, data[last:]]) if len(pieces) > 1 else data


def _bare_png(data: bytes) -> bytes:
    pieces, at, dropped = [data[:8]], 8, False
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] in _PNG_TEXT:
            dropped = True
        else:
            pieces.append(data[at:end])
        at = end
    return b"".join(pieces) if dropped and at == len(data) else data


def _bare_webp(data: bytes) -> bytes:
    if data[12:16] != b"VP8X":
        return data
    pieces, at, dropped = [], 12, False
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if data[at : at + 4] in {b"EXIF", b"XMP "}:
            dropped = True
        else:
            pieces.append(data[at:end])
        at = end
    if not dropped or at != len(data):
        return data
    head = bytearray(pieces[0])
    head[8] &= ~(0x08 | 0x04) & 0xFF
    body = b"WEBP" + b"".join([bytes(head), *pieces[1:]])
    return b"RIFF" + len(body).to_bytes(4, "little") + body
