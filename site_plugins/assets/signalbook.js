/*
 * What a static page cannot do by itself: filters in the address, keys in the
 * calendar, copy, remembered ticks, sortable tables, running clocks.
 * Every part is optional: without this file the page is complete and readable.
 * A part is asked for by an attribute (data-sb-…), never by a page's name.
 */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const stated = NOW; /* of boot.js */
  const now = () => (stated ? new Date(stated) : new Date());

  /* Say something to everybody, screen readers included. */
  const live = Object.assign(document.createElement("div"), { className: "sb-sr" });
  live.setAttribute("role", "status");
  document.body.append(live);
  const say = (text) => { live.textContent = text; };

  /*
   * Filters: <form data-sb-filter="#target">; items carry data-<name>="a b". What was chosen stands in the address and
   * goes along to the other views of the room. A group (data-sb-group) in which nothing is left is marked as empty; one
   * with a link to more (.sb-more) shows a few of what fits, the loud ones first, until somebody opens it.
   *
   * What a filter changes is written in parts: a day, a row, a section. Those on the screen are written at once and painted;
   * the others follow a few at a time, the nearest first, so that a month of hundreds answers like one of ten.
   */
  const ITEM = ".sb-chip, .sb-glyph, [data-sb-item]";
  const FILTERS = new Set(["channel", "campaign", "owner", "status", "label", "lang"]);
  const AT_ONCE = 60; /* so many items are written between two pictures */
  const here = location.pathname.replace(/[^/]*$/, "");
  const ways = all(".sb-head__actions a[href]").filter((a) => a.origin === location.origin && a.pathname.startsWith(here) && !a.pathname.slice(here.length).includes("/"));
  for (const way of ways) way.search = location.search;
  for (const form of all("form[data-sb-filter]")) {
    const target = document.querySelector(form.dataset.sbFilter);
    if (!target) continue;
    /* What an item does not say of itself: its class says its state, its row its channel, the list what holds for most. */
    const told = (node, name) => node.dataset[name]
      ?? (name === "status" ? /sb-status--([\w-]+)/.exec(node.className)?.[1] : undefined)
      ?? (name === "channel" ? node.closest("[data-sb-row]")?.dataset.sbRow : target.dataset[name]);
    const parts = new Map();
    const partOf = (node) => {
      const place = node.closest("[data-sb-group], tr") ?? node.parentElement;
      if (!parts.has(place)) {
        const group = place.hasAttribute("data-sb-group");
        const more = group ? place.querySelector(".sb-more") : null;
        parts.set(place, { place, more, whole: place.matches("tr, section"), items: [], fit: [], list: group ? place.querySelector(".sb-cal__posts") : null, most: more ? place.querySelectorAll(`li:not(.is-more) > :is(${ITEM})`).length : Infinity });
      }
      return parts.get(place);
    };
    const items = all(ITEM, target).map((node) => {
      const item = { node, part: partOf(node), box: node.closest("li") ?? node, loud: node.classList.contains("is-loud"), what: node.href ?? node.querySelector("a")?.href ?? node, said: {}, fits: true };
      for (const name of FILTERS) item.said[name] = told(node, name)?.split(" ") ?? [];
      item.part.items.push(item);
      return item;
    });
    for (const part of parts.values()) part.fit = part.items;
    const every = new Set(items.map(({ what }) => what)).size;
    /* What is written again as it was is laid out again all the same. */
    const count = (list, n) => { if (list.dataset.n !== `${n}`) list.dataset.n = n; };
    const shorten = ({ fit, more, most, list }) => {
      const few = fit.length > most + 1 ? [...fit].sort((a, b) => b.loud - a.loud).slice(0, most) : fit;
      const seen = new Set(few);
      for (const one of fit) one.box.classList.toggle("is-more", !seen.has(one));
      const rest = fit.filter((one) => !seen.has(one));
      const loud = rest.filter((one) => one.loud).length;
      more.hidden = rest.length === 0;
      count(list, few.length);
      list.toggleAttribute("data-more", rest.length > 0);
      const word = `${rest.length} more${loud ? `, ${loud} need${loud === 1 ? "s" : ""} a person` : ""}`;
      if (more.firstChild.textContent !== word) more.firstChild.textContent = word;
    };
    target.addEventListener("click", (event) => {
      if (!event.target.closest(".sb-more a") || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const part = parts.get(event.target.closest("[data-sb-group]"));
      const first = part.fit.find((one) => one.box.classList.contains("is-more"));
      part.most = Infinity;
      part.list.classList.add("is-open");
      shorten(part);
      first?.node.focus();
      event.preventDefault();
    });
    const total = form.querySelector("[data-sb-total]");
    const none = document.querySelector(`[data-sb-none="${form.dataset.sbFilter}"]`);
    const fields = [...form.elements].filter((e) => e.name);
    const write = (part) => {
      part.fit = part.items.filter(({ fits }) => fits);
      part.place.classList.toggle("is-empty", part.fit.length === 0);
      if (part.whole && part.fit.length === 0) return;
      for (const { box, fits } of part.items) if (box.hidden === fits) box.hidden = !fits;
      if (part.more) shorten(part);
      else if (part.list) count(part.list, part.fit.length);
    };
    /* How far a part is from the screen, in pixels; asked before anything is written, while the page is laid out. */
    const away = ({ place }) => {
      const { top, bottom } = place.getBoundingClientRect();
      return Math.max(0, top - innerHeight, -bottom);
    };
    let waiting = [];
    let turn = 0;
    const follow = (mine) => requestAnimationFrame(() => setTimeout(() => {
      if (mine !== turn) return;
      for (let written = 0; waiting.length && written < AT_ONCE;) {
        const part = waiting.shift();
        written += part.items.length;
        write(part);
      }
      if (waiting.length) follow(mine);
      else target.removeAttribute("aria-busy");
    }));
    const apply = (first = false) => {
      const wanted = new Map();
      for (const [name, value] of new FormData(form)) {
        if (value) wanted.set(name, [...(wanted.get(name) ?? []), value]);
      }
      const tz = wanted.has("zones") ? "two" : "one";
      wanted.delete("zones");
      const asked = [...wanted].map(([name, values]) => [name, name === "q" ? values[0].toLowerCase() : values]);
      const shown = new Set();
      const changed = new Set(waiting);
      for (const item of items) {
        const fits = asked.every(([name, values]) => (name === "q"
          ? item.node.textContent.toLowerCase().includes(values)
          : values.some((value) => item.said[name]?.includes(value))));
        if (fits) shown.add(item.what);
        if (fits !== item.fits) changed.add(item.part);
        item.fits = fits;
      }
      turn += 1;
      const far = first ? [] : [...changed].map((part) => [away(part), part]).filter(([pixels]) => pixels > 0).sort(([a], [b]) => a - b);
      waiting = far.map(([, part]) => part);
      for (const part of waiting) changed.delete(part);
      for (const part of changed) write(part);
      target.toggleAttribute("aria-busy", false);
      if (waiting.length) {
        target.setAttribute("aria-busy", "true");
        follow(turn);
      }
      if (target.dataset.sbTz !== tz) target.dataset.sbTz = tz;
      if (none) none.hidden = shown.size > 0;
      if (total) total.textContent = shown.size === every ? `${every} shown` : `${shown.size} of ${every} shown`;
    };

    const remember = () => {
      const query = `${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`;
      history.replaceState(null, "", `${query ? `?${query}` : location.pathname}${location.hash}`);
      for (const way of ways) way.search = query;
    };

    /* What the address asks for and this view has no field for is a field of its own: nothing is filtered unseen. */
    const asked = new URLSearchParams(location.search);
    const add = (name, value) => {
      const label = Object.assign(document.createElement("label"), { className: "sb-toggle" });
      const box = Object.assign(document.createElement("input"), { type: "checkbox", name, value, checked: true });
      const word = Object.assign(document.createElement("span"), { className: "sb-toggle__in", textContent: `${name}: ${value.replaceAll("_", " ")}` });
      label.append(box, word);
      form.querySelector('[type="reset"]').before(label);
    };
    for (const [name, value] of asked) {
      const own = fields.filter((field) => field.name === name);
      const box = own.find((field) => field.type === "checkbox" && field.value === value);
      const choice = own.find((field) => field.type !== "checkbox" && (!field.options || [...field.options].some((one) => one.value === value)));
      if (box) box.checked = true;
      else if (choice) choice.value = value;
      else if (FILTERS.has(name)) add(name, value);
    }
    form.addEventListener("input", () => { apply(); remember(); });
    form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
    form.addEventListener("submit", (event) => event.preventDefault());
    apply(true);
  }

  /* Calendar keys: arrows move by day and week and on into the next page, t is today, / is the filter. */
  const days = all("a[data-sb-day]");
  if (/^#d\d/.test(location.hash)) document.getElementById(location.hash.slice(1))?.querySelector("a[data-sb-day]")?.focus({ preventScroll: true });
  const typing = (node) => node.closest("input, select, textarea, [contenteditable]");
  const go = (way, day) => {
    const link = document.querySelector(`.sb-head__actions a[rel="${way}"]`);
    if (link && day) link.hash = day;
    link?.click();
    return link;
  };
  /* The mark of the day so many days after that of a link: there the next page begins. */
  const later = (link, step) => {
    const day = new Date(link.closest("[id^=d2]")?.id.slice(1) ?? "");
    if (Number.isNaN(day.getTime())) return "";
    day.setUTCDate(day.getUTCDate() + step);
    return `d${day.toISOString().slice(0, 10)}`;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || typing(event.target)) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (step && days.length) {
      const inside = document.activeElement?.closest?.("td, th, section")?.querySelector("a[data-sb-day]");
      const at = days.indexOf(document.activeElement.matches("a[data-sb-day]") ? document.activeElement : inside);
      if (at < 0) {
        /* Nothing is chosen yet: begin at the day of the address, or sideways at today; up and down keep scrolling. */
        const day = /^#d\d/.test(location.hash) && document.getElementById(location.hash.slice(1))?.querySelector("a[data-sb-day]");
        const start = day || (Math.abs(step) === 1 && document.querySelector('[aria-current="date"] a[data-sb-day]'));
        if (!start || document.activeElement !== document.body) return;
        (days[days.indexOf(start) + (day ? step : 0)] ?? start).focus();
      } else if (days[at + step]) days[at + step].focus();
      else go(step < 0 ? "prev" : "next", later(days[at], step));
      event.preventDefault();
    } else if (Math.abs(step) === 1 && document.activeElement === document.body) {
      /* A list or a timeline has no days to choose: sideways leads to the neighbour. */
      if (go(step < 0 ? "prev" : "next")) event.preventDefault();
    } else if (event.key === "t") {
      const today = document.querySelector('[aria-current="date"] a[data-sb-day]');
      if (today) today.focus();
      else document.querySelector("a[data-sb-today]")?.click();
    } else if (event.key === "/") {
      const field = document.querySelector("[data-sb-filter] select, [data-sb-filter] input");
      if (field) { field.focus(); event.preventDefault(); event.stopPropagation(); }
    }
  }, true);

  /* Copy the text of another element, exactly. */
  const copies = (button, from) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = from.innerText.trim();
      const word = button.querySelector("[data-sb-word]") ?? button;
      const before = word.textContent;
      try {
        await navigator.clipboard.writeText(text);
        word.textContent = "Copied";
        say("Copied to the clipboard");
      } catch {
        word.textContent = "Select and copy by hand";
        say("This browser did not allow copying; select the text and copy it by hand");
      }
      setTimeout(() => { word.textContent = before; }, 2000);
    });
  };
  for (const button of all("[data-sb-copy]")) copies(button, document.querySelector(button.dataset.sbCopy));

  /* A command gets its button here: without scripts there is nothing to press, and the text is selected by hand. */
  for (const line of all(".sb-cmd")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sb-btn sb-btn--small sb-no-print" });
    button.innerHTML = '<i class="sb-i-content-copy"></i><span data-sb-word>Copy</span><span class="sb-sr"></span>';
    button.lastChild.textContent = ` the command: ${line.firstChild.textContent}`;
    copies(button, line.querySelector("code"));
    line.append(button);
  }

  /* Ticks stay in this browser until somebody starts over. */
  for (const list of all("[data-sb-checks]")) {
    const key = `sb-checks:${window.__md_scope?.pathname ?? ""}:${list.dataset.sbChecks}`;
    const boxes = all('input[type="checkbox"]', list);
    const done = list.querySelector("[data-sb-done]");
    const show = () => { if (done) done.textContent = `${boxes.filter((b) => b.checked).length} of ${boxes.length} done`; };
    let ticked = [];
    try { ticked = JSON.parse(localStorage.getItem(key)) ?? []; } catch { /* nothing kept */ }
    for (const box of boxes) box.checked = ticked.includes(box.value);
    const keep = () => {
      try { localStorage.setItem(key, JSON.stringify(boxes.filter((b) => b.checked).map((b) => b.value))); } catch { /* full or private */ }
      show();
    };
    list.addEventListener("change", keep);
    list.querySelector("[data-sb-again]")?.addEventListener("click", () => { for (const box of boxes) box.checked = false; keep(); });
    show();
  }

  /* The rhythm of public words: started by a person, kept in this browser; says when the next word is due. */
  for (const box of all("[data-sb-cadence]")) {
    const key = `sb-cadence:${window.__md_scope?.pathname ?? ""}:${box.dataset.sbCadence}`;
    const [start, said, stop] = all("button", box);
    const out = box.querySelector("output");
    const first = Number(box.dataset.first);
    const then = Number(box.dataset.then);
    let state = null;
    try { state = JSON.parse(localStorage.getItem(key)); } catch { /* nothing kept */ }
    const keep = () => { try { state ? localStorage.setItem(key, JSON.stringify(state)) : localStorage.removeItem(key); } catch { /* full or private */ } };
    const show = () => {
      start.hidden = state !== null;
      said.hidden = stop.hidden = state === null;
      const due = state && state.at + (state.words ? then : first) * 60000;
      const left = due && Math.ceil((due - Date.now()) / 60000);
      out.textContent = !state ? "" : `${state.words ? "Next word" : "First word"} ${left >= 0 ? `in ${left} min` : `${-left} min late`}, at ${new Date(due).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
      out.classList.toggle("sb-down", Boolean(state) && left < 0);
    };
    start.addEventListener("click", () => { state = { at: Date.now(), words: 0 }; keep(); show(); said.focus(); });
    said.addEventListener("click", () => { state = { at: Date.now(), words: state.words + 1 }; keep(); show(); });
    stop.addEventListener("click", () => { state = null; keep(); show(); start.focus(); });
    show();
    setInterval(show, 15000);
  }

  /* Sort a table by a column; numbers by data-n, else by text. */
  for (const button of all(".sb-sort")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const table = head.closest("table");
      const column = [...head.parentNode.children].indexOf(head);
      const up = head.getAttribute("aria-sort") !== "ascending";
      const value = (row) => row.children[column].dataset.n ?? row.children[column].textContent.trim();
      const order = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
      const rows = [...table.tBodies[0].rows].sort((a, b) => order(value(a), value(b)) * (up ? 1 : -1));
      for (const other of table.querySelectorAll("th[aria-sort]")) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      table.tBodies[0].append(...rows);
      say(`Sorted by ${button.textContent}, ${up ? "ascending" : "descending"}`);
    });
  }

  /* Clocks: <time data-sb-deadline datetime="…"> counts down by the minute. */
  const words = (minutes) => {
    const m = Math.abs(Math.round(minutes));
    return m < 60 ? `${m} min` : `${Math.floor(m / 60)} h ${m % 60} min`;
  };
  const tick = () => {
    for (const clock of all("time[data-sb-deadline]")) {
      const left = (new Date(clock.dateTime) - now()) / 60000;
      clock.textContent = left >= 0 ? `${words(left)} left` : `${words(left)} over`;
      clock.classList.toggle("sb-down", left < 0);
      clock.closest(".sb-clock")?.classList.toggle("is-over", left < 0);
    }
  };
  tick();
  if (!stated) setInterval(tick, 30000);

  /* The last publish run: its age by this clock, and a word when something came due that no page knows of. */
  for (const line of all("[data-sb-run]")) {
    const age = line.querySelector("[data-sb-run-age]");
    const late = line.querySelector("[data-sb-run-late]");
    const long = (ms) => (ms < 86400000 ? words(ms / 60000) : `${Math.floor(ms / 86400000)} d`);
    const look = async () => {
      let told;
      try {
        told = await (await fetch(line.dataset.sbRun, { cache: "no-store" })).json();
      } catch { return; }
      const at = now();
      if (told.last_run) age.textContent = `That was ${long(at - new Date(told.last_run))} ago.`;
      const missed = (told.due ?? []).map((due) => new Date(due)).filter((due) => at - due > told.patience_s * 1000);
      const silent = told.ran ? at - new Date(told.ran) : 0;
      let said = "";
      if (silent > 3 * told.every_s * 1000) {
        said = ` The last run was ${long(silent)} ago; there should be one every ${long(told.every_s * 1000)}.`;
      } else if (missed.length) {
        said = ` Since this page was built ${missed.length === 1 ? "a time came" : `${missed.length} times came`} at which something goes out, the first ${long(at - missed[0])} ago. Load the page again; if this stays, look at the publish workflow.`;
      }
      if (late.textContent !== said) late.textContent = said;
      line.classList.toggle("is-late", said !== "");
    };
    look();
    if (!stated) setInterval(look, 300000);
  }

  /* A timeline that is wider than its frame opens at today. */
  for (const cell of all(".sb-scroll th.is-now")) {
    const frame = cell.closest(".sb-scroll");
    frame.scrollLeft = cell.offsetLeft - frame.clientWidth / 2;
  }

  /* Paper: the button that a browser's menu hides too well. */
  for (const button of all("[data-sb-print]")) button.addEventListener("click", () => print());

  /* Light or dark: a choice is kept; before one, the system decides. */
  for (const button of all("[data-sb-scheme]")) {
    const root = document.documentElement;
    const dark = () => root.dataset.mdColorScheme === "slate"
      || (!root.dataset.mdColorScheme && matchMedia("(prefers-color-scheme: dark)").matches);
    const show = () => button.setAttribute("aria-pressed", String(dark()));
    button.addEventListener("click", () => {
      root.dataset.mdColorScheme = dark() ? "default" : "slate";
      window.__md_set?.("sb-scheme", root.dataset.mdColorScheme);
      show();
    });
    show();
  }

  /* The theme opens its drawer and its search by hidden check boxes; these are the buttons for them. */
  for (const button of all("[data-sb-toggle]")) {
    button.addEventListener("click", () => {
      const box = document.getElementById(button.dataset.sbToggle);
      box.checked = !box.checked;
      button.setAttribute("aria-expanded", String(box.checked));
      box.dispatchEvent(new Event("change", { bubbles: true }));
      if (box.checked && box.id === "__search") document.querySelector(".md-search__input").focus();
    });
  }
})();
