"""What a file is by its bytes, what networks take, and pictures made to fit without telling where they were taken."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from signalbook import media
from signalbook.media import Fitted, Looked, Problem, fitted, look, problems, without_metadata


def noise(width, height, mode="RGB", seed=7):
    """A picture that does not compress: a large file of small measure."""
    size = width * height * len(mode)
    state, out = seed, bytearray()
    while len(out) < size:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out += state.to_bytes(8, "little")
    return Image.frombytes(mode, (width, height), bytes(out[:size]))


def saved(picture, kind, **more):
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def exif(turned=1, *, located=True):
    """EXIF as a telephone writes it: how it was held, where it was."""
    made = Image.Exif()
    made[0x0112] = turned
    made[0x010F] = "Harbour Phones"
    if located:
        made.get_ifd(0x8825).update({1: "N", 2: (53.0, 33.0, 0.0), 3: "E", 4: (9.0, 59.0, 0.0)})
    return made


DOOR = Image.new("RGB", (60, 40), (200, 30, 30))


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp"), ("BMP", "image/bmp"),
     ("AVIF", "image/avif")],
)  # fmt: skip
def test_kind_and_measure_come_from_the_bytes(kind, mime):
    found = look(saved(DOOR, kind))
    assert (found.mime, found.width, found.height, found.kind) == (mime, 60, 40, "image")


@pytest.mark.parametrize("more", [{"lossless": True}, {"quality": 50}, {"exif": exif(6)}])
def test_each_form_of_webp_says_its_measure(more):
    found = look(saved(DOOR, "WEBP", **more))
    assert (found.width, found.height) == (60, 40)
    assert found.located == ("exif" in more)


@pytest.mark.parametrize(
    ("data", "mime"),
    [(b"\0\0\0\x18ftypisom", "video/mp4"), (b"\0\0\0\x18ftypqt  ", "video/quicktime"), (b"\0\0\0\x18ftypheic", "image/heic"),
     (b"<svg onload=alert(1)>", "image/svg+xml"), (b"<?xml?><svg/>", "image/svg+xml"), (b"MZ", ""), (b"", ""), (b"%PDF-1.7", "application/pdf"),
     (b"ID3\x04", "audio/mpeg"), (b"RIFF\0\0\0\0WAVE", "audio/wav")],
)  # fmt: skip
def test_a_name_says_nothing(data, mime):
    assert look(data).mime == mime


def test_an_animation_is_told_from_a_picture():
    frames = [Image.new("RGB", (9, 9), (n * 60, 0, 0)) for n in range(3)]
    for kind in ("GIF", "WEBP", "PNG"):
        moving = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        assert look(moving).kind == "gif", kind
        assert look(saved(frames[0], kind)).kind == "image", kind


def test_exif_says_how_it_lies_and_whether_it_says_where():
    for kind in ("JPEG", "PNG", "WEBP"):
        found = look(saved(DOOR, kind, exif=exif(6)))
        assert (found.turned, found.located, found.shown) == (6, True, (40, 60)), kind
        assert look(saved(DOOR, kind, exif=exif(1, located=False))).located is False


@given(st.binary(max_size=300), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "BMP", ""]), st.integers(0, 400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_stop_the_look_or_the_fitting(rubbish, kind, cut):
    data = (
        saved(DOOR, kind, **({"exif": exif(3)} if kind in {"JPEG", "PNG", "WEBP"} else {}))[:cut] + rubbish
        if kind
        else rubbish
    )
    found = look(data)
    assert found.size == len(data)
    for network in ("bluesky", "instagram", "wordpress"):
        made = fitted(data, network)
        assert isinstance(made, Problem) or made.data or not data
    assert isinstance(without_metadata(data), bytes)


# --- what networks take ----------------------------------------------------------------------------------------------

PICTURE = Looked("image/jpeg", 90_000, 1200, 900)
VIDEO = Looked("video/mp4", 4_000_000)
MOVING = Looked("image/gif", 900_000, 300, 300, moves=True)


@pytest.mark.parametrize(
    ("network", "files", "words"),
    [
        ("bluesky", [PICTURE] * 5, "4 pictures"),
        ("bluesky", [PICTURE, VIDEO], "not both"),
        ("bluesky", [VIDEO, VIDEO], "1 video in"),
        ("bluesky", [Looked("video/mp4", 50_000_001)], "50.0 MB"),
        ("bluesky", [Looked("video/webm", 10)], "WEBM"),
        ("x", [MOVING, MOVING], "1 animation"),
        ("x", [MOVING, PICTURE], "not both"),
        ("x", [Looked("image/gif", 15_000_001, 9, 9, moves=True)], "15.0 MB"),
        ("instagram", [], "words alone"),
        ("instagram", [Looked("image/jpeg", 10, 300, 300)], "320 pixels"),
        ("instagram", [Looked("image/jpeg", 10, 1000, 400)], "1.91:1"),
        ("instagram", [Looked("image/jpeg", 10, 1000, 400, turned=6)], "0.40:1"),
        ("tiktok", [], "words alone"),
        ("pinterest", [], "words alone"),
        ("youtube", [PICTURE], "a video"),
        ("google_business", [VIDEO], "no videos"),
        ("mastodon", [Looked("application/pdf", 10)], "by its bytes"),
        ("mastodon", [Looked("image/svg+xml", 10)], "by its bytes"),
        ("mastodon", [Looked("", 10)], "no kind"),
        ("mastodon", [Looked("image/heic", 10)], "HEIC"),
        ("mastodon", [Looked("image/png", 10, 30_000, 30_000)], "unpack"),
    ],
)
def test_what_a_network_would_not_take_is_told_with_a_remedy(network, files, words):
    found = problems(network, network.capitalize(), files)
    assert any(words in one.message for one in found), found
    assert all(one.remedy for one in found)


@pytest.mark.parametrize(
    ("network", "files"),
    [("bluesky", []), ("bluesky", [PICTURE] * 4), ("bluesky", [Looked("image/png", 9_000_000, 4000, 3000)]), ("x", [MOVING]),
     ("instagram", [PICTURE, VIDEO]), ("threads", [PICTURE, VIDEO]), ("youtube", [VIDEO]), ("nowhere", [VIDEO] * 50),
     ("mastodon", [Looked("image/avif", 900, 90, 90)])],
)  # fmt: skip
def test_what_fits_or_can_be_made_to_fit_is_no_problem(network, files):
    assert problems(network, network, files) == []


def test_what_a_server_says_of_itself_counts_more():
    assert problems("mastodon", "Mastodon", [PICTURE] * 6, limit={"images": 6}) == []
    assert problems("mastodon", "Mastodon", [VIDEO], limit={"video_bytes": 1000})


def test_every_row_has_a_source_a_day_and_how_sure_it_is():
    for row in media.table().values():
        assert row.source
        assert row.strength in {"official", "code", "report"}
        assert row.as_of >= date(2026, 1, 1)
        assert not row.images_highest or row.images_highest > row.images


# --- making it fit ---------------------------------------------------------------------------------------------------


def fit(data, network, **more):
    made = fitted(data, network, **more)
    assert isinstance(made, Fitted), made
    return made


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_a_picture_was_taken_goes_and_the_picture_stays(kind):
    more = {"lossless": True} if kind == "WEBP" else {}
    data = saved(noise(64, 48), kind, exif=exif(1), **more)
    made = fit(data, "mastodon")
    assert b"Harbour Phones" in data
    assert b"Harbour Phones" not in made.data
    assert not look(made.data).located
    assert made.done
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(made.data))
    assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes(), "nothing was encoded anew"


def test_a_network_that_keeps_originals_gets_the_original():
    data = saved(DOOR, "JPEG", exif=exif(6))
    assert fit(data, "flickr").data == data


def test_what_hides_behind_a_picture_goes_too():
    data = saved(DOOR, "JPEG")
    assert without_metadata(data + b"ftypmp4 53.55,9.98") == data
    assert without_metadata(data) == data


def test_a_picture_that_lies_turned_is_set_upright():
    picture = Image.new("RGB", (60, 40), "white")
    picture.paste((255, 0, 0), (0, 0, 20, 40))  # red on the left
    made = fit(saved(picture, "PNG", exif=exif(6)), "mastodon")  # turn it by a quarter, clockwise
    upright = Image.open(io.BytesIO(made.data)).convert("RGB")
    assert upright.size == (40, 60) == (made.width, made.height)
    assert upright.getpixel((20, 5)) == (255, 0, 0), "what was left is above"
    assert upright.getpixel((20, 55)) == (255, 255, 255)


def test_a_large_photograph_is_made_to_fit_a_million_bytes():
    data = saved(noise(1400, 1000), "JPEG", quality=95)
    assert len(data) > 1_000_000
    made = fit(data, "bluesky")
    assert len(made.data) <= 1_000_000
    assert look(made.data).mime == made.mime == "image/jpeg"
    assert abs(made.width / made.height - 1.4) < 0.01
    assert fit(data, "bluesky") == made, "the same bytes each time"
    assert fit(made.data, "bluesky").data == made.data, "what fits is left alone"


def test_a_drawing_with_clear_ground_keeps_it_where_it_can():
    data = saved(noise(120, 90, "RGBA"), "PNG")
    assert fit(data, "bluesky").data == data
    made = fit(data, "instagram")
    assert made.mime == "image/jpeg"
    ground = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    corner = Image.open(io.BytesIO(fit(saved(ground, "PNG"), "instagram").data)).getpixel((5, 5))
    assert corner == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_every_sort_of_picture_becomes_one_that_is_taken(mode, kind):
    if kind == "PNG" and mode == "CMYK":
        kind = "JPEG"
    picture = (
        Image.new(mode, (500, 400))
        if mode == "I;16"
        else Image.new("RGBA" if mode in {"LA", "RGBA"} else "RGB", (500, 400), "red").convert(mode)
    )
    made = fit(saved(picture, kind), "instagram")
    assert look(made.data).mime == "image/jpeg"
    assert Image.open(io.BytesIO(made.data)).size == (500, 400)


def test_the_longer_side_is_brought_down():
    assert (
        max(Image.open(io.BytesIO(fit(saved(Image.new("RGB", (3000, 2000)), "JPEG"), "instagram").data)).size) == 1440
    )


def test_a_bomb_is_never_unpacked():
    """60 kB that would become ten gigabytes."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(2_000_000)))
        + chunk(b"IEND", b"")
    )
    for network in ("bluesky", "instagram", "mastodon"):
        found = fitted(bomb, network)
        assert isinstance(found, Problem)
        assert "unpack" in found.message


@pytest.mark.parametrize("network", ["bluesky", "instagram"])
def test_a_damaged_picture_is_a_problem_and_no_traceback(network):
    data = saved(noise(1400, 1000), "PNG")
    found = fitted(data[: len(data) // 2], network)
    assert isinstance(found, Problem)
    assert "damaged" in found.message


def test_videos_and_animations_are_passed_on():
    video = b"\0\0\0\x18ftypisom" + bytes(500)
    assert fit(video, "bluesky").data == video
    frames = [Image.new("RGB", (9, 9), (n * 60, 0, 0)) for n in range(3)]
    moving = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert fit(moving, "x").data == moving
