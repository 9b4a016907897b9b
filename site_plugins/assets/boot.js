/* Before paint: the scheme a reader chose, and the four globals the theme's script expects; a file, as the policy asks. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.replace("no-js", "js");
  const name = (scope, key) => `${scope.pathname}.${key}`;
  window.__md_scope = new URL(document.currentScript.dataset.base, location);
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
})();
