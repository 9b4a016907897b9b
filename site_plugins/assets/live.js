/* Only while serving: ask for the next build and load the page again when it is there. */
(() => {
  "use strict";
  const base = window.__md_scope;
  const here = () => [scrollX, scrollY];
  const kept = sessionStorage.getItem("sb-live");
  if (kept) { sessionStorage.removeItem("sb-live"); scrollTo(...JSON.parse(kept)); }
  let seen = null;
  const ask = async () => {
    try {
      const answer = await fetch(new URL(`_live?after=${seen ?? ""}`, base), { cache: "no-store" });
      const { build, trouble } = await answer.json();
      if (seen !== null && build !== seen) {
        sessionStorage.setItem("sb-live", JSON.stringify(here()));
        location.reload();
        return;
      }
      seen = build;
      show(trouble);
      setTimeout(ask, 0);
    } catch {
      setTimeout(ask, 1000);
    }
  };
  const show = (trouble) => {
    let note = document.getElementById("sb-live");
    if (!trouble.length) { note?.remove(); return; }
    if (!note) {
      note = document.createElement("aside");
      note.id = "sb-live";
      note.className = "sb-live";
      note.setAttribute("role", "status");
      document.body.append(note);
    }
    note.replaceChildren(...trouble.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  };
  if (window.fetch) ask();
})();
