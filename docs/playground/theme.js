"use strict";
// Before the first paint: the theme that was chosen, if one was.
try {
  const chosen = localStorage.getItem("minidock-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch { /* a browser that keeps nothing follows the system */ }
