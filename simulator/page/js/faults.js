// What the operator does wrong: by one click, by a scenario, and what waits to happen.

import { ask, complain, element, h, redraw, wordsOf } from "./dom.js";
import { on } from "./live.js";
import { offerScenarios, stopScenarios } from "./scenarios.js";

const QUICK = [
  ["Throttle for 10 s", { submit_sm: { status: "ESME_RTHROTTLED", for_s: 10 } }],
  ["No answer to the next submit", { submit_sm: { no_response: true } }],
  ["Answer 3 s late, next five", { submit_sm: { delay_s: 3, count: 5 } }],
  ["Refuse the next submit", { submit_sm: { status: "ESME_RSUBMITFAIL" } }],
  ["Cut after the next submit", { submit_sm: { disconnect_after: true } }],
  ["Dead after the next submit", { submit_sm: { mute_after: true } }],
  ["Next receipt undeliverable", { receipt: { state: "UNDELIVERABLE" } }],
  ["Receipts 5 s late, next ten", { receipt: { delay_s: 5, count: 10 } }],
  ["No receipt for the next text", { receipt: { no_response: true } }],
  ["Refuse the next bind", { bind_transceiver: { status: "ESME_RBINDFAIL" } }],
];
// What a fault has unless it says otherwise is not worth a word; nor is anything that is 0, false or empty.
const USUAL = { count: 1, status: "ESME_ROK", state: "DELIVERED", copies: 1, form: "both", id: "same" };

const problem = element("faults-error");

async function attempt(deed) {
  try {
    await deed();
    complain(problem, "");
  } catch (error) {
    complain(problem, wordsOf(error));
  }
}

function words(fault) {
  const said = Object.entries(fault)
    .filter(([key, value]) => value && value !== USUAL[key] && value.length !== 0)
    .map(([key, value]) => (value === true ? key : `${key} ${value}`));
  return said.join(", ") || "as usual";
}

function show({ smsc, providers }) {
  const rows = [...Object.entries(smsc ?? {}), ...Object.entries(providers ?? {})].flatMap(([subject, faults]) =>
    faults.map((fault) => h("li", {}, h("b", {}, subject), ` ${words(fault)}`)));
  redraw(element("waiting"), rows.length ? rows : [h("li.none", {}, "Nothing: all is healthy.")]);
  document.body.classList.toggle("faulty", rows.length > 0);
}

export async function heal() {
  await attempt(() => ask("DELETE", "/faults"));
  await attempt(stopScenarios);
}

export async function start() {
  on("fault", show);
  element("quick").append(...QUICK.map(([label, smsc]) =>
    h("button", { type: "button", onclick: () => attempt(() => ask("POST", "/faults", { smsc })) }, label)));
  element("healthy").addEventListener("click", heal);
  await attempt(() => offerScenarios(attempt));
}
