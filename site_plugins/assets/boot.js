/*
 * All scripts of a page begin here, so that thousands of pages name one. Before paint: the scheme a reader chose, and the four
 * globals the theme's script expects. Then the tools of the header, as an element of our own. Then signalbook.js, once the page
 * is read. The build puts what they must know above it.
 */
(() => {
  "use strict";
  const root = document.documentElement;
  const own = new URL(document.currentScript.src);
  const asset = (name) => new URL(name, own).href;
  const ours = (name) => asset(`${name}${own.search}`);
  root.classList.replace("no-js", "js");
  const name = (scope, key) => `${scope.pathname}.${key}`;
  window.__md_scope = new URL("..", own);
  window.__md_hash = (text) => [...text].reduce((sum, c) => ((sum << 5) - sum + c.charCodeAt(0)) | 0, 0);
  window.__md_get = (key, storage = localStorage, scope = window.__md_scope) => {
    try { return JSON.parse(storage.getItem(name(scope, key))); } catch { return null; }
  };
  window.__md_set = (key, value, storage = localStorage, scope = window.__md_scope) => {
    try { storage.setItem(name(scope, key), JSON.stringify(value)); } catch { /* private window: the choice lasts for this page */ }
  };
  /* Without a choice the system decides: the colours are light-dark() pairs. */
  const chosen = window.__md_get("sb-scheme");
  if (chosen === "slate" || chosen === "default") root.dataset.mdColorScheme = chosen;

  /*
   * The tools of the header, and the theme's search with its settings: made here and not in every page, because without
   * scripts there is nothing to press and nothing to search with. The parser stops for it, so that the header is whole
   * before it is shown.
   */
  const tools = (place) => {
    const end = place.parentNode;
    const header = place.closest("header");
    /* A page deep in a room names two of them; the others are set beside these before the header is shown. */
    const list = header.querySelector(".sb-rooms ul");
    if (list.children.length < ROOMS.length) {
      const lit = list.querySelector("[aria-current]")?.href;
      list.innerHTML = ROOMS.map(([word, address]) => `<li><a href="${new URL(address, window.__md_scope).href}">${word}</a>`).join("");
      [...list.querySelectorAll("a")].find((a) => a.href === lit)?.setAttribute("aria-current", "page");
    }
    /* The number tells this page's worker from those of other tabs. */
    const number = `#${Math.random().toString(36).slice(2)}`;
    const worker = SEARCH && ours("search.js") + number;
    const glyph = (name) => `<i class="sb-i-${name}"></i>`;
    const tool = (kind, word, names, attribute) =>
      `<button class="sb-tool sb-${kind}" type="button" ${attribute} aria-label="${word}">${names.map(glyph).join("")}</button>`;
    const toggle = (name, word) =>
      `<input class="md-toggle" data-md-toggle="${name}" type="checkbox" id="__${name}" autocomplete="off" aria-label="${word}">`;
    header.insertAdjacentHTML("beforebegin", `${toggle("drawer", "Rooms")}${toggle("search", "Search")}<label class="md-overlay" for="__drawer"></label>`);
    header.querySelector(".sb-header__in").insertAdjacentHTML("afterbegin", tool("menu", "Rooms", ["menu"], 'data-sb-toggle="__drawer"'));
    end.insertAdjacentHTML("beforeend", tool("scheme", "Switch between light and dark", ["weather-night", "weather-sunny"], "data-sb-scheme")
      + (worker ? `${tool("find", "Search", ["magnify"], 'data-sb-toggle="__search"')}<div class="md-search" data-md-component="search" role="dialog" aria-label="Search"></div>` : ""));
    document.body.insertAdjacentHTML("beforeend", '<div class="md-dialog" data-md-component="dialog"><div class="md-dialog__inner md-typeset"></div></div>');
    const config = Object.assign(document.createElement("script"), { id: "__config", type: "application/json" });
    config.textContent = JSON.stringify({
      base: window.__md_scope.href,
      features: [],
      search: worker,
      translations: {
        "clipboard.copied": "Copied",
        "clipboard.copy": "Copy",
        "search.result.placeholder": "Type to search titles, copy and notes",
        "search.result.none": "Nothing found. Try fewer or shorter words",
        "search.result.one": "1 page found",
        "search.result.other": "# pages found",
        "search.result.more.one": "1 more on this page",
        "search.result.more.other": "# more on this page",
        "search.result.term.missing": "Without",
        "select.version": "Version",
      },
      version: null,
    });
    document.body.append(config);
    if (!worker) return;
    end.querySelector(".md-search").innerHTML = `
<label class="md-search__overlay" for="__search"></label>
<div class="md-search__inner" role="search">
<form class="md-search__form" name="find">
<input type="text" class="md-search__input" name="query" aria-label="Search" placeholder="Search" autocapitalize="off" autocorrect="off" autocomplete="off" spellcheck="false" data-md-component="search-query" required>
<label class="md-search__icon" for="__search">${glyph("magnify")}${glyph("arrow-left")}</label>
<div class="md-search__options"><button type="reset" class="md-search__icon" aria-label="Clear" tabindex="-1">${glyph("close")}</button></div>
</form>
<div class="md-search__output"><div class="md-search__scrollwrap" tabindex="0" data-md-scrollfix>
<div class="md-search-result" data-md-component="search-result"><div class="md-search-result__meta">Type to search titles, copy and notes</div><ol class="md-search-result__list" role="presentation"></ol></div>
</div></div>
</div>`;
    /* The index and the theme's script that shows what is found are loaded once somebody turns to the search: with every page they were two thirds of its weight. */
    const call = new BroadcastChannel(`sb-search${number}`);
    let wanted = false;
    let theme = null;
    const input = end.querySelector(".md-search__input");
    const want = () => {
      wanted = true;
      call.postMessage("read");
      if (theme) return;
      theme = Object.assign(document.createElement("script"), { src: asset(BUNDLE) });
      /* It opens the search when the field gets the focus, so a field that has it already gets it again. */
      theme.addEventListener("load", () => { if (document.activeElement === input) { input.blur(); input.focus(); } });
      document.body.append(theme);
    };
    call.onmessage = () => { if (wanted) want(); };
    const box = end.querySelector(".md-search__inner");
    for (const turn of ["focusin", "pointerover"]) box.addEventListener(turn, want, { once: true });
    /* Its keys, until it hears them itself: / and f and s turn to the search, but in a field and where the page has its own use for one. */
    document.addEventListener("keydown", (event) => {
      if (theme || event.defaultPrevented || !["/", "f", "s"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
      document.getElementById("__search").checked = true;
      input.focus();
      event.preventDefault();
    });
  };
  customElements.define("sb-tools", class extends HTMLElement {
    connectedCallback() {
      tools(this);
    }
  });

  /* Fetched at once, run when the page is read. A site with scripts of its own names it before them. */
  const late = ours("signalbook.js");
  const made = (kind, facts) => document.head.append(Object.assign(document.createElement(kind), facts));
  if (root.dataset.sbScripts === undefined) {
    made("link", { rel: "preload", as: "script", href: late });
    document.addEventListener("DOMContentLoaded", () => made("script", { src: late }));
  }
})();
