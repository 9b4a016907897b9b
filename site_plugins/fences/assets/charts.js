/* Charts that can be explored: the picture stays until somebody asks for more, and nothing is loaded before that.

   Runs under default-src 'self': expressions are interpreted, no style element is added, the little window is ours. */
(() => {
  "use strict";
  if (window.sbCharts) return;
  window.sbCharts = true;
  const root = document.currentScript.src.replace(/assets\/charts\.js.*$/, "");
  let loading = null;

  function library() {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = `${root}assets/vega/vega.js`;
      script.onload = () => done(window.vegaEmbed);
      script.onerror = () => { loading = null; failed(new Error("not loaded")); };
      document.head.append(script);
    });
    return loading;
  }

  function dark(figure) {
    const scheme = getComputedStyle(figure).colorScheme;
    if (scheme.includes("dark") && scheme.includes("light")) return matchMedia("(prefers-color-scheme: dark)").matches;
    return scheme.includes("dark");
  }

  async function config(figure) {
    const answer = await fetch(`${root}assets/vega/${dark(figure) ? "dark" : "light"}.json`);
    return answer.json();
  }

  const tip = document.createElement("div");
  tip.className = "sb-tip";
  tip.hidden = true;

  /* The library's own little window brings a style element, which the policy refuses. */
  function told(_handler, event, _item, value) {
    tip.hidden = !value;
    if (!value) return;
    if (!tip.isConnected) document.body.append(tip);
    tip.replaceChildren(...Object.values(value).map((text, i) => {
      const line = document.createElement(i ? "b" : "span");
      line.textContent = text;
      return line;
    }));
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - box.width - 8)}px`;
    tip.style.top = `${Math.max(event.clientY - box.height - 12, 8)}px`;
  }

  async function open(figure, button) {
    const plot = figure.querySelector(".sb-chart__plot");
    const stage = document.createElement("div");
    stage.className = "sb-chart__stage";
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      const embed = await library();
      const spec = JSON.parse(figure.dataset.sbChart);
      plot.after(stage);
      plot.hidden = true;
      const made = await embed(stage, spec, {
        ast: true, actions: false, defaultStyle: false, renderer: "svg", config: await config(figure), tooltip: told,
      });
      figure.sbView = made;
      button.lastChild.textContent = "Show the picture";
      figure.dataset.sbOpen = "true";
    } catch (error) {
      stage.remove();
      plot.hidden = false;
      button.lastChild.textContent = "Could not be loaded; try again";
      console.warn(error);
    }
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }

  function close(figure, button) {
    figure.sbView?.finalize();
    figure.querySelector(".sb-chart__stage")?.remove();
    figure.querySelector(".sb-chart__plot").hidden = false;
    tip.hidden = true;
    delete figure.dataset.sbOpen;
    button.lastChild.textContent = "Explore";
  }

  for (const figure of document.querySelectorAll("figure[data-sb-chart]")) {
    const button = figure.querySelector("[data-sb-explore]");
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", () => (figure.dataset.sbOpen ? close : open)(figure, button));
  }

  /* Another scheme, another set of colours: a chart that is open is drawn anew. */
  new MutationObserver(() => {
    for (const figure of document.querySelectorAll("figure[data-sb-open]")) {
      const button = figure.querySelector("[data-sb-explore]");
      close(figure, button);
      open(figure, button);
    }
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
})();
