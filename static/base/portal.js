// Makes the portals livelier. Everything works without this file: pages are plain forms and links.
// Lives here: refreshing live regions and telling what changed, following logs, local times, plans while choosing, confirming dangerous forms, keyboard
// short-cuts, copy buttons. Not here: any state of its own, any text (texts come translated with the page).
"use strict";
(() => {
  const settings = document.documentElement.dataset;
  const announcer = document.getElementById("announce");
  settings.script = "1";

  function announce(text) {
    if (announcer && text) announcer.textContent = text;
  }

  // Times come as UTC; here they are shown as the reader's clock has them.
  const moments = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  function localise(root) {
    for (const place of root.querySelectorAll("time [data-moment]")) {
      const moment = new Date(place.parentElement.dateTime);
      if (!isNaN(moment)) place.textContent = moments.format(moment);
    }
  }
  localise(document);

  // ---- live regions: data-live="<id>" takes over the newest version of itself ----

  const seen = new Map(); // what the server last sent, by region
  for (const region of document.querySelectorAll("[data-live]")) seen.set(region.dataset.live, null);

  // How to find the focused element again in the new version.
  function trail(region) {
    const element = document.activeElement;
    if (!region.contains(element)) return null;
    const same = [...region.querySelectorAll(element.tagName)];
    return { tag: element.tagName, href: element.getAttribute("href"), index: same.indexOf(element) };
  }
  function follow(region, from) {
    if (!from) return;
    const same = [...region.querySelectorAll(from.tag)];
    const target = (from.href && same.find((element) => element.getAttribute("href") === from.href)) || same[from.index];
    (target || document.getElementById("main")).focus({ preventScroll: true });
  }
  function says(root) {
    return new Set([...root.querySelectorAll("[data-says]")].map((element) => element.dataset.says));
  }
  function replace(region, next) {
    const before = says(region), from = trail(region);
    const open = [...region.querySelectorAll("details")].map((details) => details.open);
    region.innerHTML = next.innerHTML;
    region.querySelectorAll("details").forEach((details, at) => (details.open = Boolean(open[at])));
    localise(region);
    follow(region, from);
    announce([...says(region)].filter((text) => !before.has(text)).slice(0, 3).join(". "));
  }
  function take(fresh) {
    for (const region of document.querySelectorAll("[data-live]")) {
      const id = region.dataset.live, next = fresh.querySelector(`[data-live="${CSS.escape(id)}"]`);
      if (!next || next.innerHTML === seen.get(id)) continue;
      seen.set(id, next.innerHTML);
      replace(region, next);
    }
    settings.busy = fresh.documentElement.dataset.busy || "";
  }
  let timer = 0;
  async function refresh() {
    clearTimeout(timer);
    try {
      const reply = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
      if (reply.ok && !reply.redirected) take(new DOMParser().parseFromString(await reply.text(), "text/html"));
    } catch { /* the network went away: the next round tries again */ }
    schedule();
  }
  function schedule() {
    clearTimeout(timer);
    // A page that a form was answered with cannot be asked for again.
    if (!document.hidden && seen.size && !location.pathname.startsWith("/do/")) timer = setTimeout(refresh, settings.busy ? 1000 : 5000);
  }
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
  schedule();

  // ---- logs: data-log="<url>" follows what a machine writes; the server sends text that is safe to show ----

  const LOG_CHARACTERS_MOST = 400000;
  function follow_log(log) {
    const empty = document.querySelector("[data-log-empty]");
    let offset = log.dataset.offset, generation = log.dataset.generation, pause = 2000;
    function add(piece) {
      const bottom = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      const continues = String(piece.offset) === String(offset);
      if (continues && !piece.text) return false;
      log.textContent = ((continues ? log.textContent : "") + piece.text).slice(-LOG_CHARACTERS_MOST);
      if (bottom || !continues) log.scrollTop = log.scrollHeight;
      return Boolean(piece.text);
    }
    async function look() {
      if (!document.hidden) {
        const query = offset === undefined ? "" : `?offset=${offset}&generation=${encodeURIComponent(generation)}`;
        try {
          const reply = await fetch(log.dataset.log + query, { credentials: "same-origin" });
          if (reply.redirected) return; // signed out
          if (reply.ok) {
            const piece = await reply.json();
            pause = add(piece) ? 2000 : Math.min(pause * 1.5, 10000);
            if (piece.available) [offset, generation] = [piece.nextoffset, piece.generation];
            if (empty) empty.hidden = Boolean(log.textContent);
            if (empty && log.dataset.waiting && !log.textContent) empty.textContent = log.dataset.waiting;
          } else pause = 10000;
        } catch { pause = 10000; }
      }
      setTimeout(look, pause);
    }
    log.scrollTop = log.scrollHeight;
    document.addEventListener("visibilitychange", () => (pause = 2000));
    look();
  }
  for (const log of document.querySelectorAll("[data-log]")) follow_log(log);

  // ---- plans: a form with data-plan shows what it would do as soon as a choice is made ----

  for (const form of document.querySelectorAll("form[data-plan]")) {
    const panel = document.getElementById(form.dataset.plan);
    let round = 0, waiting = 0;
    async function plan() {
      const mine = ++round, data = new URLSearchParams(new FormData(form));
      data.set("plan", "true");
      panel.setAttribute("aria-busy", "true");
      try {
        const reply = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin" });
        const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
        const next = fresh.getElementById(panel.id), refusal = fresh.getElementById("refusal");
        if (mine === round && (refusal || next)) panel.innerHTML = refusal ? refusal.outerHTML : next.innerHTML;
        if (mine === round) panel.querySelector("#refusal")?.removeAttribute("id");
      } catch { /* the button still asks */ }
      if (mine === round) panel.removeAttribute("aria-busy");
    }
    const soon = () => { clearTimeout(waiting); waiting = setTimeout(plan, 400); };
    form.addEventListener("change", soon);
    // The calls shown below follow the choices.
    form.addEventListener("input", () => {
      const given = [...new FormData(form)].filter(([name, value]) => value && name !== "csrf" && name !== "plan" && !name.startsWith("_"));
      const [, verb, noun] = form.dataset.command.match(/^([a-z]+)(.*)$/);
      document.querySelector("[data-cmk]").textContent = `cmk ${verb} ${noun.toLowerCase()}${given.map(([name, value]) => ` ${name}=${value}`).join("")}`;
      document.querySelector("[data-api]").textContent = `/client/api?command=${form.dataset.command}${given.map(([name, value]) =>
        `&${name}=${encodeURIComponent(value)}`).join("")}&response=json&apiKey=…&signature=…`;
    });
    if (!location.pathname.startsWith("/do/")) plan();
  }

  // ---- small things ----

  // Forms with data-confirm ask first; the text comes from the page, so it is translated.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });

  if (!navigator.clipboard) settings.clipboard = "none"; // only pages served safely have one
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]"), opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open).showModal();
    if (!copy) return;
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      copy.dataset.done = "1";
      announce(announcer.dataset.copied);
    } catch { /* refused by the browser: the text can still be selected */ }
  });

  // data-save: the text of another element as a file, without asking the server again.
  document.addEventListener("click", (event) => {
    const save = event.target.closest("[data-save]");
    if (!save) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([document.getElementById(save.dataset.from).textContent], { type: "text/plain" }));
    link.download = save.dataset.save;
    link.click();
    URL.revokeObjectURL(link.href);
  });

  // c creates, / searches, ? shows the keys; never while typing.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "c") document.querySelector("[data-key=create]")?.click();
    else if (event.key === "/") { const box = document.querySelector("input[type=search]"); if (box) { event.preventDefault(); box.focus(); } }
    else if (event.key === "?") document.querySelector("#keys")?.showModal();
  });

  document.getElementById("refusal")?.focus();
})();
