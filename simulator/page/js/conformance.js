// What the gateway does against SMPP, with the clause that says so.

import { ask, element, h, time } from "./dom.js";
import { on } from "./live.js";
import { offers } from "./offers.js";

const VIOLATIONS_MAX = 100;
const LOOK_MS = 2000;

const list = element("violations");
let since = 0;

function draw(one) {
  const where = h("small", {}, time(one.at_s), ` · ${one.operator} · #${one.session}`);
  return h("li.violation", {}, h("b", {}, one.rule), h("span.clause", {}, one.clause), h("p", {}, one.detail), where);
}

async function look() {
  const found = document.hidden ? undefined : await ask("GET", `/conformance?since=${since}`).catch(() => undefined);
  for (const one of found?.violations ?? []) list.prepend(draw(one));
  since = found?.next ?? since;
  list.querySelector(".none")?.remove();
  while (list.children.length > VIOLATIONS_MAX) list.lastChild.remove();
  if (!list.children.length) list.append(h("li.none", {}, "Nothing against SMPP so far."));
  document.body.classList.toggle("violated", Boolean(list.querySelector(".violation")));
  setTimeout(look, LOOK_MS);
}

export async function start() {
  if (!offers("/conformance")) return;
  document.querySelector("[data-tab=conformance]").hidden = false;
  on("restarted", () => {
    since = 0;
    list.replaceChildren();
  });
  await look();
}
