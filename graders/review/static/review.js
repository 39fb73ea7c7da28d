// Single keys: what has data-key="x" is pressed, or gets the focus, by x. Without this file all of it works by Tab.
"use strict";
for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
const points = document.getElementById("points");
for (const button of document.querySelectorAll("[data-points]")) {
  button.addEventListener("click", () => {
    points.value = button.dataset.points;
  });
}
const keys = document.getElementById("keys-on");
const OFF = "scratchgrade-keys-off";
if (keys) {
  keys.checked = localStorage.getItem(OFF) === null;
  keys.addEventListener("change", () => {
    if (keys.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
}
const isField = (one) =>
  one.matches("textarea, select, input:not([type=checkbox]):not([type=hidden])");
document.addEventListener("keydown", (event) => {
  const within = event.target instanceof Element && isField(event.target);
  if (within && event.key === "Escape") event.target.blur();
  if (within && event.key === "Enter" && event.ctrlKey) {
    const send = document.querySelector("[data-send]");
    if (send && send.form.contains(event.target)) {
      event.preventDefault();
      send.click();
    }
  }
  if (within || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.repeat || localStorage.getItem(OFF) !== null) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (isField(found)) {
    found.focus();
    if (found.select) found.select();
  } else {
    found.click();
  }
});
