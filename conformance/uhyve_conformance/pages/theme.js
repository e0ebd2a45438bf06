"use strict";
// Light or dark: as the system has it until the reader says otherwise. Runs in the head, so
// that no page flashes.
(() => {
  const themes = ["auto", "light", "dark"];
  let theme = "auto";
  try { theme = localStorage.getItem("uhyve-theme") || "auto"; } catch { /* not from disk */ }
  const show = () => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll(".theme")) button.textContent = `Theme: ${theme}`;
  };
  show();
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".theme")) return;
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem("uhyve-theme", theme); } catch { /* only for this visit */ }
    show();
  });
})();
