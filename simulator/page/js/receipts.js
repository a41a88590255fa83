// Receipts that people write: the operator's say on what became of a text, one click each.

import { ask, complain, element, h, wordsOf } from "./dom.js";
import { offers } from "./offers.js";

const STATES = ["DELIVERED", "UNDELIVERABLE", "EXPIRED"];

// The buttons below a text. They are there from the beginning, and seen while the operator's receipts are by hand.
export function byHand(id, operator, problem) {
  const write = (state) =>
    ask("POST", `/mt/${id}/receipt`, { state }).catch((error) => complain(problem, wordsOf(error)));
  const one = (state) => h("button", { type: "button", onclick: () => write(state) }, state.toLowerCase());
  return h("div.receipts", { role: "group", ariaLabel: "Receipt", hidden: !manual.has(operator), data: { operator } },
    STATES.map(one));
}

const manual = new Set(); // operators whose receipts are by hand

function mark(name, { mode }) {
  manual[mode === "manual" ? "add" : "delete"](name);
  for (const group of document.querySelectorAll(".receipts")) group.hidden = !manual.has(group.dataset.operator);
}

function lever({ name, receipts }, several) {
  const path = `/operators/${encodeURIComponent(name)}/receipts`;
  const box = h("input", { type: "checkbox", checked: receipts.mode === "manual" });
  box.addEventListener("change", async () => {
    try {
      mark(name, await ask("PUT", path, { mode: box.checked ? "manual" : "auto" }));
    } catch (error) {
      complain(element("faults-error"), wordsOf(error));
      box.checked = !box.checked;
    }
  });
  mark(name, receipts);
  return h("label.switch", {}, box, ` Receipts by hand${several ? ` at ${name}` : ""}`);
}

export async function watchReceipts() {
  if (!offers("/operators")) return;
  const operators = (await ask("GET", "/operators").catch(() => undefined))?.operators ?? [];
  const levers = operators.filter(({ receipts }) => receipts?.mode).map((one) => lever(one, operators.length > 1));
  element("by-hand").append(...levers);
}
