"""Hashtags of several words begin each word with a capital, and there are few of them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime

from signalbook import posts, prose
from signalbook.book import Book
from signalbook.findings import Finding, Level
from signalbook.rule import Ask, rule

_SMALL = frozenset("at by do go in is it my no of on or so to up we".split())
"""Short words that may stand inside a tag; a, an, me and us begin and end too many others."""
_WORDS = frozenset(
    """about access action after again all alt and answer any april april art august autumn awards baby back bake bakery beer
    before behind best better big bike black blog board book books box boys bread bring build business buy cafe call care
    change charity chat child children christmas city class clean client climate code coffee come community company
    content conference connect cook cool course craft create culture customer daily dance dark data day days december
    deal design digital dinner dog door down dream drink drive earth east easter eat energy equal event every evening
    fair family fashion fast february festival field film find first fitness food foot for forest found free fresh
    friday friend friends from full fun future game garden get gift girl girls give global goal good great green group
    guide hack hand happy have health heart help here history holiday home hot house how idea ideas image industry inside
    january job jobs join july june just keep kids kitchen know land launch lead leaders leadership learn learning life light
    like live local long look lottery love lunch made make maker making man march market marketing may media meet men
    mental mind monday money month more morning mother movie music national nature need network new news next night not
    november now october off office old only open opening opportunity our out over own paper park part party people photo
    photography picture place plan planet plant play podcast post power practice press price pride print product project
    public quality question read ready real recipe relations release remote report rights road room rules sale save scene scenes school
    science sea season see september service set seven share shop show sing small smart snow social software some song
    source space speak speech spring staff start startup state stop store stories story street strong study style summer
    sun sunday support talk tea teach team tech test text thank thanks that the their things think this throw thursday
    time tips today together tool tools top tour town travel tree true tuesday turn use video view visit voice vote want
    war water way wednesday week weekend well what when where who why wild win winter wish with woman women word words
    work workshop world write writing year years you young your zero
    healthcare wildlife filmmaking homework framework bookshop workplace playground storytelling bookmark handmade goodbye forever
    somebody something everyone newspaper daylight sunlight seaside songwriter blackboard lifestyle startups fundraising
    homepage workspace weekday playtime showtime blackbird goodwill landmark tonight worldwide nationwide""".split()
)  # fmt: skip
"""Common words, and words that are made of two and yet are one."""

_GERMAN = frozenset(
    """aktion sind alle arbeit auf aus bau baum beruf besser bild brot bund dank das dein der deutsch die digital ehren ein
    einfach frau frauen frei freitag freude für ganz geld gemeinsam genuss gesund glück grün gut haus heute hilfe hier
    ich immer jahr jetzt jugend kaffee kind kinder kirche klima kultur kunst land leben lebens lecker lern licht liebe
    macht mach markt mehr mein mensch menschen mit mittwoch montag morgen musik nach nacht natur neue neu nicht ohne ort
    öffnung recht reise samstag schön schule sonntag spiel sport stadt tag tage team tier tipp umwelt und uns unser unter
    unternehmen vom von vor wald wasser weg wein weil welt werk wir wissen woche wohnen zeit zukunft zum zur
    deutschland lebensmittel jugendarbeit stadtrat""".split()
)  # fmt: skip


@rule(
    "hashtag-case", level=Level.WARN, waive="A", source="accessibility guides, e.g. Princeton's for social media",
    about="In a hashtag of several words each begins with a capital, and a text has three at most.",
    alone=True,
)  # fmt: skip
def hashtag_case(book: Book, now: datetime, ask: Ask) -> Iterator[Finding]:  # noqa: ARG001 - a rule's shape
    """Find hashtags that run words together, and heaps of them."""
    most = int(ask.limit("at_most", 3))
    for view in posts.views(book):
        for said in view.said:
            if "#" not in said.prose.bare:
                continue
            tags = prose.hashtags(said.prose.bare)
            for tag in tags:
                word = tag.text[1:]
                if len(word) < 6 or word[1:] != word[1:].lower() or not (parts := split(word.lower())):
                    continue
                better = "#" + "".join(part.capitalize() for part in parts)
                yield ask(
                    view.post, said.field,
                    f"A screen reader says {prose.short(tag.text)} as one word that nobody knows.",
                    f"Write {better}.", **posts.where(said, tag.start),
                )  # fmt: skip
            if len(tags) > most:
                yield ask(
                    view.post, said.field,
                    f"{len(tags)} hashtags in one text: they are read aloud one by one, and readers take the heap for advertising.",
                    f"Keep the {_number(most)} that people follow, at the end.", **posts.where(said, tags[most].start),
                )  # fmt: skip


@functools.lru_cache(maxsize=4096)
def split(word: str) -> tuple[str, ...]:
    """The common words a tag is made of, of one language; empty when it is one word, or made of others."""
    if len(word) > 40 or word in _WORDS or word in _GERMAN:
        return ()
    german = _of(word, _GERMAN, frozenset())
    # Two German nouns in a row are one German word.
    return _of(word, _WORDS, _SMALL) or (german if len(german) > 2 else ())


def _of(word: str, known: frozenset[str], small: frozenset[str]) -> tuple[str, ...]:
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 14), end):
            before, part = best[start], word[start:end]
            if before is None or not (part in small or (len(part) > 2 and part in known)):
                continue
            kept = best[end]
            if kept is None or len(before) + 1 < len(kept):
                best[end] = (*before, part)
    found = best[-1] or ()
    long = sum(1 for part in found if len(part) > 3)
    return found if (len(found) > 2 and long) or (len(found) == 2 and long == 2 and len(word) > 9) else ()


def _number(value: int) -> str:
    return {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}.get(value, str(value))
