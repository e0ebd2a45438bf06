"use strict";
// Search, filters, links that copy, the side bar, sources. Without script the page is the text.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const id = (name) => document.getElementById(name);
  const search = id("q"), boxes = all("#filters input");
  const rules = all("main .r");
  // Everything that search may hide: requirements, and blocks of text beside them.
  const items = all("main .sec").flatMap((section) => [
    ...[...section.children].filter((child) => !/^H\d$/.test(child.tagName) && !child.querySelector(".rows") && !child.matches(".rows")),
    ...all(".rows tbody tr", section),
  ]);
  const facets = new Map(rules.map((rule) => [rule, new Set(rule.dataset.f.split(" "))]));
  const texts = new Map();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };

  // ---- What is shown ---------------------------------------------------------------------

  const wordsOf = (query) => [...query.toLowerCase().matchAll(/"([^"]+)"?|\S+/g)].map((m) => m[1] ?? m[0]);
  const chosen = () => {
    const groups = new Map();
    for (const box of boxes) if (box.checked) {
      const group = box.closest("fieldset");
      groups.set(group, [...(groups.get(group) ?? []), box.value]);
    }
    return groups;
  };
  const fits = (rule, groups, but) => {
    const has = facets.get(rule);
    for (const [group, values] of groups)
      if (group !== but && !values.some((value) => has.has(value))) return false;
    return true;
  };

  let found = [], at = -1;
  function apply() {
    const words = wordsOf(search.value), groups = chosen();
    const on = words.length > 0 || groups.size > 0;
    const spoken = (item) => words.every((word) => textOf(item).includes(word));
    found = []; at = -1;
    let passages = 0;
    const matching = new Set();
    for (const item of items) {
      const rule = facets.has(item);
      const said = !on || spoken(item);
      if (rule && said) matching.add(item);
      const shown = said && (rule ? fits(item, groups) : groups.size === 0);
      item.hidden = !shown;
      if (on && shown) { found.push(item); if (!rule) passages++; }
    }
    for (const table of all(".rows")) {
      const empty = on && !all("tbody tr", table).some((row) => !row.hidden);
      table.hidden = empty;
      const title = table.closest(".wide")?.previousElementSibling ?? table.previousElementSibling;
      title.hidden = empty;
    }
    const alive = new Set(found.map((item) => item.closest(".sec")));
    for (const section of all("main .sec")) section.hidden = on && !alive.has(section);
    for (const chapter of all("main .ch")) chapter.hidden = on && all(".sec", chapter).every((section) => section.hidden);
    document.body.classList.toggle("on", on);
    id("none").hidden = !on || found.length > 0;
    id("clear").hidden = id("share").hidden = !on;
    const n = found.length - passages;
    id("count").textContent = !on ? "" : `${n} requirement${n === 1 ? "" : "s"}` +
      (passages ? `, ${passages} passage${passages === 1 ? "" : "s"}` : "");
    counts(groups, matching);
    highlight(words);
    remember(words, groups);
  }

  // Counts what each choice would show, with the other groups as they are.
  function counts(groups, matching) {
    for (const group of all("#filters fieldset")) {
      const tally = new Map();
      for (const rule of matching) if (fits(rule, groups, group))
        for (const facet of facets.get(rule)) tally.set(facet, (tally.get(facet) ?? 0) + 1);
      for (const label of all("label", group)) {
        const n = tally.get(label.firstElementChild.value) ?? 0;
        label.querySelector("small").textContent = n;
        label.classList.toggle("empty", n === 0);
      }
    }
  }

  function highlight(words) {
    if (!window.Highlight) return;
    const ranges = [];
    for (const item of words.length ? found : []) {
      const walk = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
      for (let node; ranges.length < 2000 && (node = walk.nextNode());) {
        const text = node.data.toLowerCase();
        for (const word of words)
          for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + word.length)) {
            const range = new Range();
            range.setStart(node, from); range.setEnd(node, from + word.length);
            ranges.push(range);
          }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  function clear() {
    search.value = "";
    for (const box of boxes) box.checked = false;
    apply();
  }

  // Enter: the next match.
  function go(step) {
    if (!found.length) return;
    found[at]?.classList.remove("at");
    at = (at + step + found.length) % found.length;
    const item = found[at];
    item.classList.add("at");
    item.scrollIntoView({ block: "start" });
    say(item.id || item.textContent.trim().slice(0, 80));
  }

  // ---- The address -----------------------------------------------------------------------

  const address = (hash) => location.href.split("#")[0] + hash;
  function remember(words, groups) {
    const parts = [];
    if (words.length) parts.push(`q=${encodeURIComponent(search.value.trim())}`);
    const values = [...groups.values()].flat();
    if (values.length) parts.push(`f=${values.map(encodeURIComponent).join(",").replaceAll("%3A", ":")}`);
    const hash = parts.length ? `#?${parts.join("&")}` : "";
    if (hash || location.hash.startsWith("#?")) history.replaceState(null, "", address(hash || "#"));
  }
  function arrive() {
    if (location.hash.startsWith("#?")) {
      const asked = new URLSearchParams(location.hash.slice(2));
      const values = new Set((asked.get("f") ?? "").split(","));
      search.value = asked.get("q") ?? "";
      for (const box of boxes) box.checked = values.has(box.value);
      apply();
      scrollTo(0, 0);
      return;
    }
    const target = id(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (document.body.classList.contains("on") && !target.checkVisibility?.()) clearBut(target);
    target.scrollIntoView();
  }
  function clearBut(target) {
    const hash = location.hash;
    clear();
    history.replaceState(null, "", address(hash));
    target.scrollIntoView();
  }

  // ---- Links that copy ---------------------------------------------------------------------

  function say(text) { id("said").textContent = text; }
  async function copy(text, button) {
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    say(done ? "Link copied" : text);
    const label = button.textContent;
    button.textContent = done ? "copied" : "not copied";
    setTimeout(() => { button.textContent = label; }, 1200);
  }
  for (const heading of all("main :is(h2, h3, h4, h5)")) {
    const anchor = heading.id || heading.closest(".r")?.id;
    if (!anchor) continue;
    const button = document.createElement("button");
    button.className = "cp";
    button.dataset.to = anchor;
    button.textContent = "link";
    button.setAttribute("aria-label", `Copy link to ${heading.textContent}`);
    // Beside the heading, so that it is not part of its name.
    if (heading.classList.contains("i")) heading.after(button);
    else { heading.append(button); }
  }

  // ---- Sources -----------------------------------------------------------------------------

  let unpacked;
  function sources() {
    unpacked ??= (async () => {
      const bytes = Uint8Array.from(atob(id("sources").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      return JSON.parse(await new Response(stream).text());
    })();
    return unpacked;
  }
  async function toggleSource(button) {
    const old = button.nextElementSibling;
    if (old?.tagName === "PRE") { old.remove(); button.setAttribute("aria-expanded", "false"); return; }
    const [, name, first, last] = button.textContent.match(/^(.*):(\d+)(?:–(\d+))?$/);
    const lines = (await sources())[name].split("\n").slice(first - 1, last ?? first);
    const pre = document.createElement("pre");
    pre.tabIndex = 0;
    lines.forEach((line, n) => {
      const number = document.createElement("i");
      number.textContent = `${String(+first + n).padStart(4)}  `;
      pre.append(number, `${line}\n`);
    });
    button.after(pre);
    button.setAttribute("aria-expanded", "true");
  }
  for (const button of all(".s")) button.setAttribute("aria-expanded", "false");

  // ---- The side bar follows the reader -------------------------------------------------------

  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  let current;
  function follow(anchor) {
    const link = links.get(anchor);
    if (!link || link === current) return;
    current?.removeAttribute("aria-current");
    for (const item of all("nav li.on")) item.classList.remove("on");
    link.setAttribute("aria-current", "true");
    for (let item = link.closest("li"); item; item = item.parentElement.closest("li")) item.classList.add("on");
    current = link;
    const bar = link.closest(".menu"), box = link.getBoundingClientRect(), frame = bar.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom) bar.scrollTop += box.top - frame.top - frame.height / 3;
  }
  const headings = all("main :is(h2, h3)[id]").filter((heading) => links.has(heading.id));
  let waiting = false;
  function spy() {
    waiting = false;
    let last = headings[0];
    for (const heading of headings) {
      if (heading.offsetParent === null) continue;
      if (heading.getBoundingClientRect().top > innerHeight / 3) break;
      last = heading;
    }
    if (last) follow(last.id);
  }
  addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(spy); } }, { passive: true });

  // ---- Events --------------------------------------------------------------------------------

  search.addEventListener("input", () => { apply(); scrollTo(0, 0); });
  id("filters").addEventListener("change", () => { apply(); scrollTo(0, 0); });
  id("filters").addEventListener("submit", (event) => event.preventDefault());
  id("clear").addEventListener("click", () => { clear(); search.focus(); });
  id("share").addEventListener("click", (event) => copy(location.href, event.target));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox]), textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault(); search.focus(); search.select();
    } else if (event.key === "Escape") clear();
    else if (event.key === "Enter" && event.target === search) { event.preventDefault(); go(event.shiftKey ? -1 : 1); }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.classList.contains("cp")) copy(address(`#${button.dataset.to}`), button);
    else if (button?.classList.contains("s")) toggleSource(button);
    // On a phone the menu has done its duty once something in it was chosen.
    if (event.target.closest("nav a") && matchMedia("(max-width: 56rem)").matches) document.querySelector(".menu").open = false;
  });
  addEventListener("hashchange", arrive);
  addEventListener("beforeprint", () => { for (const part of all("main details")) part.open = true; });
  counts(new Map(), new Set(rules));
  arrive();
  spy();
})();
