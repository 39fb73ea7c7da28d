// Looks again while something waits. Without this file, "Look again" does.
"use strict";
const line = document.querySelector("[data-state]");
const look = async () => {
  let after = 5;
  try {
    const answer = await fetch(line.dataset.state, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const state = await answer.json();
      if (state.done) {
        location.reload();
        return;
      }
      after = state.after;
      const said = line.querySelector("[data-said]");
      if (said.textContent !== state.text) said.textContent = state.text;
    } else if (answer.status === 403) {
      location.reload();
      return;
    }
  } catch {
    // the server is away for a moment
  }
  setTimeout(look, 1000 * after);
};
if (line) setTimeout(look, 1000 * Number(line.dataset.after));
const file = document.querySelector("input[type=file][data-most]");
if (file) {
  file.addEventListener("change", () => {
    const large = file.files.length > 0 && file.files[0].size > Number(file.dataset.most);
    file.setCustomValidity(large ? file.dataset.large : "");
    file.reportValidity();
  });
}
