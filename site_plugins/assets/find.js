/*
 * The tools of the header, and the theme's search with its settings: made here and not in every page, because without
 * scripts there is nothing to press and nothing to search with. Stands in the header, so that it is whole before it is
 * shown, and before the theme's bundle, which looks for these elements.
 */
(() => {
  "use strict";
  const script = document.currentScript;
  const end = script.parentNode;
  const header = script.closest("header");
  /* The number tells this page's worker from those of other tabs. */
  const number = `#${Math.random().toString(36).slice(2)}`;
  const worker = script.dataset.search && script.dataset.search + number;
  const glyph = (name) => `<i class="sb-icon sb-i-${name}"></i>`;
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
    theme = Object.assign(document.createElement("script"), { src: script.dataset.theme });
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
})();
