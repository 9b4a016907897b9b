/*
 * The worker behind the theme's search, by the theme's own messages: 1 says that it is ready, 2 asks, 3 answers. It reads
 * the index itself, away from the page, when boot.js calls because somebody turned to the search, and walks through the folded texts: five thousand take a few milliseconds,
 * so that nothing is built first. Every word has to begin a word of the page; only when no page has them all, those with the
 * most come, with what they lack. A title counts for more than an address, an address for more than the text.
 */
"use strict";

/* Pages told of at most, and how many of them with their text: nobody scrolls further. */
const MOST = 5000;
const WITH_TEXT = 60;
/* Words shown of a text. */
const SHOWN = 24;
const fold = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();
/*
 * Letters and digits stay, everything else parts words; "&amp;" and the like are one sign each. In writing without spaces
 * each sign is a word.
 */
const ALONE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
const words = (text) => fold(text.replace(/&(?:amp|lt|gt|quot|#\d+);/g, " ")).replace(ALONE, " $& ").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const spaced = (text) => ` ${words(text).join(" ")} `;
let pages = [];
let tops = new Map();

const read = (docs) => docs.map((doc, order) => {
  const [page] = doc.location.split("#", 1);
  return {
    doc,
    order,
    page,
    title: spaced(doc.title),
    place: spaced(decodeURIComponent(doc.location.replace(/\.html(?=#|$)/, ""))),
    text: spaced(doc.text),
  };
});

/* How well one word fits one entry, 0 for not at all. */
const fit = (entry, word) => {
  const begins = ` ${word}`;
  if (entry.title.includes(begins)) return entry.title.startsWith(begins) ? 12 : entry.title.includes(`${begins} `) ? 10 : 8;
  if (entry.place.includes(begins)) return 5;
  if (entry.text.includes(begins)) return entry.text.includes(`${begins} `) ? 2 : 1;
  return 0;
};

/* Mark what begins with a word asked for; the text is escaped HTML, so marks go around letters and never into a tag or a sign. */
const marked = (html, asked) => html.replace(/&[a-z#\d]+;|[\p{L}\p{N}\p{M}]+/giu, (piece) => {
  if (piece.startsWith("&")) return piece;
  const plain = fold(piece);
  return asked.some((word) => plain.startsWith(word)) ? `<mark>${piece}</mark>` : piece;
});

/* The words around the first one that was asked for. */
const cut = (text, asked) => {
  const pieces = text.split(" ");
  const at = pieces.findIndex((piece) => words(piece).some((one) => asked.some((word) => one.startsWith(word))));
  const start = at < SHOWN - 4 ? 0 : at - 4;
  return `${start ? "… " : ""}${pieces.slice(start, start + SHOWN).join(" ")}${pieces.length > start + SHOWN ? " …" : ""}`;
};

const answer = (query) => {
  const asked = [...new Set(words(query))].slice(0, 12);
  if (!asked.length) return [];
  const phrase = ` ${asked.join(" ")}`;
  let found = [];
  let most = 1;
  for (const entry of pages) {
    let score = 0;
    let met = 0;
    for (const word of asked) {
      const one = fit(entry, word);
      if (one) met += 1;
      score += one;
    }
    if (met < most) continue;
    if (met > most) { most = met; found = []; }
    if (asked.length > 1 && entry.title.includes(phrase)) score += 20;
    found.push({ entry, score });
  }
  found.sort((a, b) => b.score - a.score || a.entry.order - b.entry.order);
  /* One item a page; the theme wants the page itself in it, so an entry below a heading brings its page along. */
  const groups = new Map();
  for (const { entry, score } of found) {
    if (!groups.has(entry.page)) {
      if (groups.size === MOST) break;
      groups.set(entry.page, []);
    }
    groups.get(entry.page).push({ entry, score });
  }
  let number = 0;
  return [...groups].map(([page, members]) => {
    if (!members.some(({ entry }) => entry.doc.location === page)) {
      const own = tops.get(page);
      if (own) members.push({ entry: own, score: 0 });
    }
    const whole = number < WITH_TEXT;
    number += 1;
    return members.map(({ entry: { doc }, entry, score }) => ({
      location: doc.location,
      title: whole ? marked(doc.title, asked) : doc.title,
      text: whole ? marked(cut(doc.text, asked), asked) : "",
      score,
      terms: whole ? Object.fromEntries(asked.map((word) => [word, fit(entry, word) > 0])) : {},
    }));
  });
};

/* The build says whether the index is packed; a host may have unpacked it on the way, and an older script look for the other. */
const load = async (ending) => {
  const answer = await fetch(new URL(`../search/search_index.json${ending}`, location));
  if (!answer.ok) throw new Error(`${answer.status}`);
  const data = await answer.blob();
  const [a, b] = new Uint8Array(await data.slice(0, 2).arrayBuffer());
  const plain = a === 0x1f && b === 0x8b ? data.stream().pipeThrough(new DecompressionStream("gzip")) : data;
  return new Response(plain).json();
};
const call = new BroadcastChannel(`sb-search${location.hash}`);
call.onmessage = async () => {
  call.close();
  const [first, other] = PACKED ? [".gz", ""] : ["", ".gz"];
  pages = read((await load(first).catch(() => load(other))).docs);
  tops = new Map(pages.filter(({ doc, page }) => doc.location === page).map((entry) => [entry.page, entry]));
  postMessage({ type: 1 });
};
call.postMessage("here");
addEventListener("message", ({ data: { type, data } }) => {
  if (type === 2) postMessage({ type: 3, data: { items: answer(data) } });
});
