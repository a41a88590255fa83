// What the gateway does against SMPP, with the clause that says so, and how to mend it.

import { ask, element, h, time } from "./dom.js";
import { on } from "./live.js";
import { reach } from "./stream.js";

const VIOLATIONS_MAX = 100;
const VERDICTS = {
  no_traffic: "Nothing to judge yet.",
  conformant: "Conformant so far.",
  broken: "Not conformant.",
};

const list = element("violations");
const verdict = element("verdict");
let since = 0;

function draw(one) {
  const row = one.pdu && h("button", { type: "button", onclick: () => reach(one.pdu) }, "Show the PDU");
  return h(`li.violation.${one.level}`, {},
    h("b", {}, one.rule), h("span.level", {}, one.level), h("span.clause", {}, clause(one.clause)),
    h("p", {}, one.detail), h("p.mend", {}, `Mend: ${one.mend}.`),
    h("small", {}, time(one.at_s), ` · ${one.operator} · #${one.session}`), row);
}

// A bare number is a clause of SMPP 3.4; another document is named.
const clause = (words) => (/^\d/.test(words) ? `SMPP 3.4, ${words}` : words);

async function read(state) {
  verdict.textContent = VERDICTS[state.verdict] ?? state.verdict;
  verdict.className = state.verdict;
  document.body.classList.toggle("violated", state.next > 0);
  if (state.next <= since) return;
  const from = Math.max(since, state.next - VIOLATIONS_MAX);
  since = state.next;
  const found = await ask("GET", `/conformance?since=${from}`).catch(() => undefined);
  for (const one of found?.violations ?? []) list.prepend(draw(one));
  since = Math.max(since, found?.next ?? 0);
  while (list.children.length > VIOLATIONS_MAX) list.lastChild.remove();
}

function forget() {
  since = 0;
  list.replaceChildren();
}

export function start() {
  on("restarted", forget);
  on("conformance", read);
}
