/* Charts speak under the pointer. The server has drawn each chart; once one comes into view, Vega and its interpreter
   (which needs no eval) are fetched, draw it again from the same specification, and tell what the pointer is on. Without
   this script, or where anything fails, the server's drawing stays. */
"use strict";
(() => {
  const { vega: vegaAddress, interpreter: interpreterAddress } = document.currentScript.dataset;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();
  let libraries;

  function fetchScript(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }

  function fetchLibraries() {
    libraries ??= fetchScript(vegaAddress).then(() => fetchScript(interpreterAddress));
    return libraries;
  }

  /* The palette of the reader: a chart's colours are design tokens, written in the light palette. */
  function inPalette(answer) {
    const style = getComputedStyle(document.documentElement);
    let text = JSON.stringify(answer.spec);
    for (const [colour, token] of Object.entries(answer.colours)) {
      text = text.replaceAll(colour, style.getPropertyValue("--" + token).trim());
    }
    return JSON.parse(text);
  }

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;

  function tell(_handler, event, _item, value) {
    if (value === null || value === undefined || value === "") {
      tip.hidden = true;
      return;
    }
    tip.textContent = String(value);
    tip.hidden = false;
    const room = tip.getBoundingClientRect();
    const x = Math.min(event.clientX + 12, innerWidth - room.width - 8);
    const y = event.clientY + 16 + room.height > innerHeight ? event.clientY - room.height - 12 : event.clientY + 16;
    tip.style.left = Math.max(8, x) + "px";
    tip.style.top = y + "px";
  }

  async function draw(plot) {
    const answer = drawn.get(plot) ?? (await fetch(plot.dataset.vega).then((response) => (response.ok ? response.json() : null)));
    if (!answer) return;
    drawn.set(plot, answer);
    await fetchLibraries();
    const still = plot.querySelector("svg");
    const holder = document.createElement("div");
    holder.hidden = true;
    plot.append(holder);
    const view = new vega.View(vega.parse(inPalette(answer), null, { ast: true }), {
      expr: vegaInterpreter.expressionInterpreter,
      renderer: "svg",
      container: holder,
      hover: true,
      logLevel: vega.Error,
      tooltip: tell,
    });
    await view.runAsync();
    const fresh = holder.querySelector("svg");
    for (const name of ["class", "role", "aria-label"]) fresh.setAttribute(name, still.getAttribute(name));
    const [, , across] = still.getAttribute("viewBox").split(" ");
    const down = fresh.getAttribute("height");
    fresh.setAttribute("viewBox", `0 0 ${Math.max(across, fresh.getAttribute("width"))} ${down}`);
    fresh.removeAttribute("width");
    fresh.removeAttribute("height");
    for (const part of fresh.querySelectorAll("[aria-label], [role]")) {
      part.removeAttribute("role");
      part.removeAttribute("aria-label");
      part.removeAttribute("aria-roledescription");
    }
    (still.closest("div.live") ?? still).remove();
    holder.className = "live";
    holder.hidden = false;
    plot.dataset.live = "yes";
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target).catch((error) => console.warn("A chart stays as the server drew it:", error));
    }
  });

  document.body.append(tip);
  for (const plot of document.querySelectorAll(".plot[data-vega]")) seen.observe(plot);
  dark.addEventListener("change", () => drawn.forEach((_answer, plot) => draw(plot)));
  addEventListener("scroll", () => (tip.hidden = true), { passive: true });
})();
