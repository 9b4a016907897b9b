/*
 * A month of mentions, filtered here: the rows come by column from files of this site, newest file first. What strangers
 * wrote becomes text (textContent) and nothing else; an address becomes a link only when it is http or https.
 */
(() => {
  "use strict";
  const panel = document.querySelector("[data-sb-heard]");
  const form = document.querySelector("[data-sb-heard-filter]");
  if (!panel || !form || !window.fetch) return;
  const body = panel.querySelector("tbody");
  const more = panel.querySelector("[data-sb-heard-more]");
  const note = panel.querySelector("[data-sb-heard-note]");
  const total = form.querySelector("[data-sb-heard-total]");
  const files = panel.dataset.files.split(" ").filter(Boolean).reverse();
  const titles = JSON.parse(form.dataset.topics);
  const TONES = [["negative", "Negative", "neg"], ["neutral", "Neutral", "neu"], ["positive", "Positive", "pos"], ["none", "Not rated", "none"]];
  const PAGE = 40;
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: panel.dataset.zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const rows = []; /* small objects, one a mention: a hundred thousand of them are a few megabytes */
  let cases = {};
  let found = [];
  let shown = 0;
  let whole = false;

  const make = (name, classes, text) => {
    const node = document.createElement(name);
    if (classes) node.className = classes;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const cell = (head, classes) => {
    const node = make("td", classes);
    node.dataset.th = head;
    return node;
  };
  const link = (address, text) => {
    let url;
    try { url = new URL(address); } catch { return null; }
    if (url.protocol !== "https:" && url.protocol !== "http:") return null;
    const node = make("a", "", text);
    node.href = url.href;
    node.rel = "noopener noreferrer nofollow";
    return node;
  };

  const draw = (row) => {
    const line = make("tr");
    const when = cell("When", "sb-num sb-nowrap");
    const at = clock.format(row.at * 60000);
    when.append((row.u && link(row.u, at)) || at);
    const said = make("td", "sb-heard__said", !row.h || row.x.startsWith(row.h) ? row.x : [row.h, row.x].filter(Boolean).join(" — "));
    said.dir = "auto";
    const place = cell("Where", "sb-muted");
    place.textContent = [row.s, row.w, row.a].filter(Boolean).join(" · ");
    const meaning = cell("Meaning", "sb-nowrap");
    const [, word, kind] = TONES[row.t] ?? TONES[3];
    meaning.append(make("span", `sb-tone sb-tone--${kind}`, word));
    if (row.t < 3) meaning.append(" ", make("span", "sb-faint sb-small sb-num", (row.c / 100).toFixed(2)));
    const topic = cell("Topic");
    topic.textContent = row.p.map((name) => titles[name] ?? name.split("/").pop()).join(", ");
    const state = cell("State");
    if (Object.hasOwn(cases, row.k)) {
      const to = make("a", "", cases[row.k][1]);
      to.href = panel.dataset.root + cases[row.k][0];
      state.append(to);
    }
    line.append(when, said, place, meaning, topic, state);
    return line;
  };

  const show = () => {
    const upto = Math.min(found.length, shown + PAGE);
    const part = document.createDocumentFragment();
    for (; shown < upto; shown += 1) part.append(draw(found[shown]));
    body.append(part);
    more.hidden = shown >= found.length;
    more.textContent = `Show ${Math.min(PAGE, found.length - shown)} more`;
  };

  const apply = () => {
    const asked = new FormData(form);
    const words = String(asked.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const [tone, topic, source, lang, order] = ["tone", "topic", "source", "lang", "order"].map((name) => asked.get(name));
    const wanted = tone ? TONES.findIndex(([key]) => key === tone) : -1;
    found = rows.filter((row) => (wanted < 0 || row.t === wanted)
      && (!topic || row.p.includes(topic)) && (!source || row.s === source) && (!lang || row.l === lang)
      && words.every((word) => row.hay.includes(word)));
    if (order === "old") found.reverse();
    if (order === "neg") found.sort((a, b) => (a.t - b.t) || (b.c - a.c) || (b.at - a.at));
    body.replaceChildren();
    shown = 0;
    show();
    const n = found.length.toLocaleString("en-GB");
    const all = rows.length.toLocaleString("en-GB");
    total.textContent = found.length === rows.length ? `${all} shown` : `${n} of ${all} shown`;
    if (!whole) total.textContent += ", loading";
    if (!found.length) {
      const line = make("tr");
      const none = make("td", "sb-muted", "Nothing fits this filter. Take a word or a choice away.");
      none.colSpan = 6;
      line.append(none);
      body.append(line);
    }
  };

  const fill = (name, values, word = (value) => value) => {
    const field = form.elements[name];
    const chosen = field.value || new URLSearchParams(location.search).get(name) || "";
    while (field.options.length > 1) field.remove(1);
    for (const value of [...values].sort((a, b) => word(a).localeCompare(word(b), "en"))) field.add(new Option(word(value), value));
    field.value = [...field.options].some((option) => option.value === chosen) ? chosen : "";
  };

  const take = (columns) => {
    for (let i = 0; i < columns.at.length; i += 1) {
      const row = {
        at: columns.at[i], s: columns.sources[columns.s[i]], w: columns.w[i], a: columns.a[i], h: columns.h[i], x: columns.x[i],
        u: columns.u[i], l: columns.l[i], t: columns.t[i], c: columns.c[i], p: columns.p[i].map((place) => columns.topics[place]),
        k: columns.k[i],
      };
      row.hay = `${row.h} ${row.x} ${row.a} ${row.w} ${row.s}`.toLowerCase();
      rows.push(row);
    }
  };

  const settle = () => {
    rows.sort((a, b) => b.at - a.at);
    fill("topic", new Set(rows.flatMap((row) => row.p)), (name) => titles[name] ?? name.split("/").pop());
    fill("source", new Set(rows.map((row) => row.s)));
    fill("lang", new Set(rows.map((row) => row.l).filter(Boolean)));
    apply();
  };

  const remember = () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  };

  const get = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  };

  const load = async () => {
    const asked = new URLSearchParams(location.search);
    for (const name of ["q", "tone", "order"]) if (asked.has(name)) form.elements[name].value = asked.get(name);
    try {
      cases = await get(panel.dataset.cases).catch(() => ({}));
      take(await get(files[0]));
      whole = files.length === 1;
      settle();
      for (let at = 1; at < files.length; at += 4) {
        for (const columns of await Promise.all(files.slice(at, at + 4).map(get))) take(columns);
      }
      whole = true;
      if (files.length > 1) settle();
      note.textContent = "";
      form.dataset.sbReady = "";
    } catch {
      total.textContent = "";
      note.textContent = rows.length
        ? "Not all rows could be loaded; what is shown is a part. Load the page again, or use the export above."
        : "The rows could not be loaded, so this is the newest part only. Load the page again, or use the export above.";
    }
  };

  form.addEventListener("input", () => { if (rows.length) { apply(); remember(); } });
  form.addEventListener("reset", () => setTimeout(() => { if (rows.length) { apply(); remember(); } }));
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => { const first = shown; show(); body.rows[first]?.querySelector("a")?.focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    form.elements.q.focus();
    event.preventDefault();
    event.stopPropagation();
  }, true);
  load();
})();
