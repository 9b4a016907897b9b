/*
 * The theme's search: its dialogue and its settings, made here and not in every page, because without scripts there is
 * nothing to search with. Runs before the theme's bundle, which looks for both.
 */
(() => {
  "use strict";
  const search = document.querySelector("[data-sb-search]");
  const base = window.__md_scope.pathname;
  const glyph = (name) => `<svg class="sb-icon" aria-hidden="true"><use href="${base}assets/icons.svg#${name}"/></svg>`;
  const config = Object.assign(document.createElement("script"), { id: "__config", type: "application/json" });
  config.textContent = JSON.stringify({
    base: window.__md_scope.href,
    features: [],
    search: search?.dataset.sbSearch,
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
  if (!search) return;
  search.innerHTML = `
<label class="md-search__overlay" for="__search"></label>
<div class="md-search__inner" role="search">
<form class="md-search__form" name="search">
<input type="text" class="md-search__input" name="query" aria-label="Search" placeholder="Search" autocapitalize="off" autocorrect="off" autocomplete="off" spellcheck="false" data-md-component="search-query" required>
<label class="md-search__icon" for="__search">${glyph("magnify")}${glyph("arrow-left")}</label>
<div class="md-search__options"><button type="reset" class="md-search__icon" aria-label="Clear" tabindex="-1">${glyph("close")}</button></div>
</form>
<div class="md-search__output"><div class="md-search__scrollwrap" tabindex="0" data-md-scrollfix>
<div class="md-search-result" data-md-component="search-result"><div class="md-search-result__meta">Type to search titles, copy and notes</div><ol class="md-search-result__list" role="presentation"></ol></div>
</div></div>
</div>`;
})();
