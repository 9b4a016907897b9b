"""The quick reader says of a feed what feedparser says of it, or nothing."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import feeds_fast, feeds_in
from tests.conftest import SHARED


def same(data: bytes) -> bool:
    """Whether the quick reader had something to say; it then says the same as feedparser."""
    quick = feeds_fast.decode(data)
    if quick is None:
        return False
    slow = feeds_in.decode(data)
    assert [(e.id, e.link, e.title, e.published, e.updated) for e in quick.entries] == [
        (e.id, e.link, e.title, e.published, e.updated) for e in slow.entries
    ]
    assert (quick.kind, quick.title, quick.damaged, slow.damaged) == (slow.kind, slow.title, False, False)
    return True


WORDS = st.lists(
    st.sampled_from(
        ["Doors", "open", "A & B", "&amp;", "&#39;", "<b>x</b>", "<b>", "5 < 6", "Zürich", "Café", "Ã©", "\u0085", "“so”", "😀",
         "\u202e", "  ", "\n", "x;y", "&x", "&T;", "C:\\", "'", '"', "]]", "</p>", "İ", "ﬁ", "\u00a0", "a\u0300", "%20"]
    ),
    max_size=5,
).map(" ".join) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), max_size=12
)  # fmt: skip
LINKS = st.sampled_from(
    ["https://harbour.example/1", "http://harbour.example/a?b=1&c=2", "https://harbour.example/ä", "/relative", "",
     "javascript:alert(1)", "https:///x", "HTTPS://H.example/", "https://harbour.example/a b", "https://h.example/?a&amp;b=1",
     "https://h.example/?a=1&copy=2", "https://h.example/#f", "https://h.example/'x'", " https://h.example/ "]
)  # fmt: skip
IDS = LINKS | st.sampled_from(
    ["1", "tag:h.example,2026:1", "urn:uuid:1", "a b", "http:////x", "?p=1", "&amp;", "ä", "../x"]
)
RFC822 = st.sampled_from(
    ["Tue, 24 Nov 2026 09:30:00 +0100", "24 Nov 2026 09:30:00 GMT", "Tue, 24 Nov 2026 09:30 +0100", "Tue, 31 Nov 2026 09:30:00 GMT",
     "Mon, 24 Nov 2026 09:30:00 GMT", "Tue, 24 Nov 2026 24:30:00 GMT", "Tue, 24 Nov 2026 09:30:60 GMT", "2026-11-24", "soon", "",
     "Tue, 24 Nov 26 09:30:00 EST", "Tue, 1 Dec 2026 09:30:00 -0000", "Tue, 24 Nov 2026 09:30:00 +1400",
     "Tue, 24 Nov 2026 09:30:00 +1500", "Thu, 01 Jan 1970 00:00:00 GMT", "Tue, 24 Nov 2026 09:30:00 Z"]
)  # fmt: skip
RFC3339 = st.sampled_from(
    ["2026-11-24T08:30:00Z", "2026-11-24T08:30:00.25Z", "2026-11-24T08:30:00+01:00", "2026-11-24T08:30:00-12:30", "2026-11-24",
     "2026-11-31T08:30:00Z", "2026-11-24T24:00:00Z", "2026-11-24T08:30:60Z", "2026-11-24 08:30:00Z", "2026-11-24t08:30:00z",
     "2026-11-24T08:30:00", "", "soon", "2026-11-24T08:30:00+15:00"]
)  # fmt: skip


@st.composite
def rss(draw) -> bytes:
    def leaf(name: str, values: st.SearchStrategy[str], attributes: str = "") -> str:
        value = draw(values)
        inside = f"<![CDATA[{value.replace(']]>', '')}]]>" if draw(st.integers(0, 5)) == 0 else escape(value)
        return f"<{name}{attributes}>{inside}</{name}>"

    def item() -> str:
        parts = [
            leaf("title", WORDS),
            leaf("link", LINKS if draw(st.integers(0, 4)) == 0 else st.just("https://h.example/1")),
        ]
        parts += [leaf("guid", IDS, draw(st.sampled_from(["", ' isPermaLink="false"', ' isPermaLink="true"'])))]
        parts += [leaf("pubDate", RFC822), leaf("description", WORDS), leaf("dc:creator", WORDS)]
        parts += draw(
            st.sampled_from(
                [[], [], [], ["<media:title>Other</media:title>"], ["<dc:date>2026-01-01</dc:date>"], ["<title>Again</title>"],
                 ["<source url='https://s.example/'>S</source>"], ["<itunes:title>It</itunes:title>"], ["<content:encoded/>"],
                 ["<link>https://h.example/2</link>"], ["<enclosure url='https://h.example/a.mp3' type='audio/mpeg'/>"],
                 ["<media:content url='https://h.example/a.jpg'/>"], ["<category>x</category>"], ["<comments>c</comments>"]]
            )
        )  # fmt: skip
        return f"<item>{''.join(draw(st.permutations(parts))[draw(st.integers(0, 1)) :])}</item>"

    items = "".join(item() for _ in range(draw(st.integers(0, 3))))
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    )
    head = draw(
        st.sampled_from(['<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>\n', "", "\ufeff", " "])
    )
    image = draw(st.sampled_from(["", "", "<image><title>I</title><url>https://h.example/i.png</url></image>"]))
    channel = draw(st.permutations([leaf("title", WORDS), "<link>https://h.example/</link>", image, items]))
    return f'{head}<rss version="2.0" {spaces}><channel>{"".join(channel)}</channel></rss>'.encode()


@st.composite
def atom(draw) -> bytes:
    def entry() -> str:
        kind = draw(st.sampled_from(["", "", ' type="text"', ' type="html"', ' type="xhtml"', ' type="text/plain"']))
        parts = [f"<title{kind}>{escape(draw(WORDS))}</title>", f"<id>{escape(draw(IDS))}</id>"]
        href = "https://h.example/1" if draw(st.integers(0, 3)) else draw(LINKS)
        rel = draw(st.sampled_from(["", ' rel="alternate"', ' rel="alternate" type="text/html"', ' rel="self"']))
        parts += [f"<link{rel} href={quoteattr(href)}/>"]
        parts += [f"<published>{draw(RFC3339)}</published>", f"<updated>{draw(RFC3339)}</updated>"]
        parts += draw(
            st.sampled_from(
                [[], [], [], ["<author><name>N</name><uri>https://h.example/n</uri></author>"], ["<issued>2026-01-01</issued>"],
                 ["<link rel='enclosure' href='https://h.example/e'/>"], ["<source><title>S</title></source>"],
                 ["<content type='html'>&lt;p&gt;x&lt;/p&gt;</content>"], ["<summary>s</summary>"],
                 ["<m:group><m:title>M</m:title><m:description>d</m:description></m:group>"], ["<link href='https://h.example/3'/>"],
                 ["<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><title>X</title></div></content>"]]
            )
        )  # fmt: skip
        return f"<entry>{''.join(draw(st.permutations(parts)))}</entry>"

    entries = "".join(entry() for _ in range(draw(st.integers(0, 3))))
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:m="http://search.yahoo.com/mrss/"'
    more = draw(st.sampled_from(["", "", ' xml:base="https://b.example/"', ' xml:lang="de"']))
    return f"<feed {spaces}{more}><title>{escape(draw(WORDS))}</title><id>urn:f</id>{entries}</feed>".encode()


PLENTY = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


@given(rss())
@PLENTY
def test_an_rss_feed_is_read_as_feedparser_reads_it_or_not_at_all(data):
    same(data)


@given(atom())
@PLENTY
def test_an_atom_feed_is_read_as_feedparser_reads_it_or_not_at_all(data):
    same(data)


@given(
    st.binary(max_size=200),
    st.sampled_from([b"<rss version='2.0'><channel>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b""]),
)
@PLENTY
def test_no_bytes_raise(data, before):
    feeds_fast.decode(before + data)


def test_ordinary_feeds_take_the_quick_way():
    item = (
        "<item><title>Doors &amp; windows</title><link>https://h.example/?a=1&amp;b=2</link><guid isPermaLink='false'>7</guid>"
        "<pubDate>Tue, 24 Nov 2026 09:30:00 +0100</pubDate><description><![CDATA[<p>Come in</p>]]></description></item>"
    )
    assert same(f"<rss version='2.0'><channel><title>Harbour</title>{item * 3}</channel></rss>".encode())
    entry = (
        "<entry><title>Doors &amp; windows</title><id>tag:h.example,2026:1</id><link href='https://h.example/1'/>"
        "<updated>2026-11-24T08:30:00Z</updated><content type='html'>&lt;p&gt;Come in</content></entry>"
    )
    assert same(f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Harbour</title>{entry * 3}</feed>".encode())


@pytest.mark.shared
def test_the_shared_feeds_are_read_as_feedparser_reads_them():
    files = [file for file in sorted((SHARED / "feeds").rglob("*")) if file.is_file() and file.suffix != ".md"]
    assert sum(same(file.read_bytes()) for file in files) >= 10
