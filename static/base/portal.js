// Makes the portals livelier. Everything works without this file: pages are plain forms and links.
// Lives here: refreshing live regions, confirming dangerous forms, keyboard short-cuts, copy buttons. No state of its own.
"use strict";
(() => {
  const settings = document.documentElement.dataset;

  // Regions marked data-live="<id>" are replaced by their newest version while the page says that something is under way.
  let timer = 0;
  async function refresh() {
    try {
      const reply = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
      if (reply.ok && !reply.redirected) {
        const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
        for (const region of document.querySelectorAll("[data-live]")) {
          const next = fresh.querySelector(`[data-live="${CSS.escape(region.dataset.live)}"]`);
          if (next && next.innerHTML !== region.innerHTML && !region.contains(document.activeElement)) region.replaceWith(next);
        }
        settings.busy = fresh.documentElement.dataset.busy || "";
      }
    } catch { /* the network went away: the next round tries again */ }
    schedule();
  }
  function schedule() {
    clearTimeout(timer);
    if (document.querySelector("[data-live]")) timer = setTimeout(refresh, settings.busy ? 1000 : 5000);
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
  schedule();

  // Forms with data-confirm ask first; the text comes from the page, so it is translated.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.dataset.copied = "1";
  });

  // c creates, / searches, ? shows help; never while typing.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "c") document.querySelector("[data-key=create]")?.click();
    else if (event.key === "/") { const box = document.querySelector("input[type=search]"); if (box) { event.preventDefault(); box.focus(); } }
    else if (event.key === "?") document.querySelector("#keys")?.showModal();
  });
})();
