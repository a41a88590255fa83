// The keys of a phone that has nothing else: digits, star and hash, and one to take back.

const LONG_MS = 450; // a zero that is held is a plus, as on every phone

export function keypad(article, text, changed) {
  const pad = article.querySelector(".keypad");
  const toggle = article.querySelector(".keys");
  let held = 0;

  function write(key) {
    text.setRangeText(key, text.selectionStart, text.selectionEnd, "end");
    changed();
  }

  function back() {
    const { selectionStart: start, selectionEnd: end } = text;
    text.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
    changed();
  }

  toggle.addEventListener("click", () => {
    pad.hidden = !pad.hidden;
    toggle.setAttribute("aria-expanded", String(!pad.hidden));
    article.classList.toggle("feature", !pad.hidden);
  });
  pad.addEventListener("pointerdown", ({ target }) => {
    held = target.dataset.key === "0" ? performance.now() : 0;
  });
  pad.addEventListener("click", ({ target }) => {
    if (target.dataset.key) write(held && performance.now() - held > LONG_MS ? "+" : target.dataset.key);
    if (target.classList.contains("back")) back();
    held = 0;
  });
}
