// The providers' side: each one's accounts and book, and what it does wrong. A payment arrives here as its receipt
// arrives on the phone.

import { ask, clock, complain, element, h, money, redraw, wordsOf } from "./dom.js";
import { on } from "./live.js";

const NEWEST = 12;
const ACCOUNTS_SHOWN = 6;
const COMMANDS = ["pay", "check", "prepare", "status", "cancel", "statement", "any"];
const KINDS = {
  apply_then_timeout: "credited, never answered",
  timeout_without_apply: "not credited, never answered",
  apply_late: "credited late, never answered",
  http_500_after_apply: "credited, answered 500",
  http_status: "not credited, answered 503",
  garbage: "credited, answered with HTML",
  drop_after_request: "credited, connection cut",
  half_body: "credited, half an answer",
  drip: "credited, an octet a second",
  refuse: "refused",
  refuse_on_repeat: "refused when asked again",
  wrong_echo: "answered about another payment",
  slow: "right, but 2 s late",
};

const cards = new Map(); // name → its card

class Card {
  constructor({ name, protocol }) {
    this.path = `/providers/${encodeURIComponent(name)}`;
    this.totals = h("p.totals", {}, "Nothing credited yet.");
    this.accounts = h("ul.accounts", { ariaLabel: `Accounts at ${name}` });
    this.book = h("ol.book", { ariaLabel: `Book of ${name}, the newest first`, ariaLive: "polite" });
    this.faults = h("ul.faults", { ariaLabel: `Faults of ${name}` });
    this.problem = h("p.error", { hidden: true, role: "alert" });
    this.seen = null; // references that were in the book before
    const title = h("h3", {}, name, h("small", {}, protocol));
    this.element = h("section.card", { ariaLabel: name }, title, this.totals, this.accounts, this.book, this.#levers(name), this.problem);
  }

  async read() {
    try {
      const [ledger, { accounts, total }] = await Promise.all([
        ask("GET", `${this.path}/ledger?newest=${NEWEST}`), ask("GET", `${this.path}/accounts`)]);
      this.#write(ledger.credits.reverse(), accounts, total);
      complain(this.problem, "");
    } catch (error) {
      complain(this.problem, wordsOf(error));
    }
  }

  #write(credits, accounts, total) {
    const { seen } = this;
    this.seen = new Set(credits.map(({ receipt }) => receipt));
    this.totals.textContent = total.credits ? `${total.credits} credited, ${money(total.amount_minor)} in all` : "Nothing credited yet.";
    redraw(this.accounts, accounts.slice(0, ACCOUNTS_SHOWN).map((one) =>
      h("li", {}, h("b", {}, one.account), ` ${money(one.amount_minor)}`, one.credits > 1 ? h("small", {}, ` ×${one.credits}`) : "")));
    redraw(this.book, credits.map((one) => h(`li${seen && !seen.has(one.receipt) ? ".fresh" : ""}`, {},
      h("time", {}, clock(one.credited_at_s || one.at_s)), h("b", {}, money(one.amount_minor)), h("span", {}, one.account),
      h("small", { title: `reference ${one.reference}` }, `№ ${one.receipt}`))));
  }

  show(faults) {
    const rows = faults.map(({ kind, command, count }) => h("li", {}, h("b", {}, kind), ` ${command}${count > 1 ? `, ${count} times` : ""}`));
    redraw(this.faults, rows);
    this.element.classList.toggle("faulty", rows.length > 0);
  }

  #levers(name) {
    const kind = h("select", { ariaLabel: `Fault of ${name}` }, Object.entries(KINDS).map(([value, words]) => new Option(words, value)));
    const command = h("select", { ariaLabel: `Which requests of ${name}` }, COMMANDS.map((word) => new Option(word, word)));
    const count = h("input", { type: "number", min: 1, max: 1000, value: 1, ariaLabel: `How many requests of ${name}` });
    const add = () => ask("POST", `${this.path}/faults`, { kind: kind.value, command: command.value, count: Number(count.value) });
    const clear = () => ask("DELETE", `${this.path}/faults`);
    const button = (words, deed) => h("button", { type: "button", ariaLabel: `${words} of ${name}`, onclick: () => this.#try(deed) }, words);
    return h("div.levers", {}, kind, command, count, button("Add fault", add), button("Clear faults", clear), this.faults);
  }

  #try(deed) {
    deed().then(() => complain(this.problem, ""), (error) => complain(this.problem, wordsOf(error)));
  }
}

async function list() {
  const known = (await ask("GET", "/providers")) ?? [];
  for (const one of known) cards.set(one.name, new Card(one));
  const none = h("p.none", {}, "No provider is simulated. ", h("code", {}, "serve --provider NAME:PROTOCOL"), " adds one.");
  element("books").replaceChildren(...(cards.size ? [...cards.values()].map((card) => card.element) : [none]));
}

// What each provider's book came to when it was last read.
const changes = new Map();

function read(totals) {
  for (const [name, total] of Object.entries(totals)) {
    if (changes.get(name) !== total.changes) cards.get(name)?.read();
    changes.set(name, total.changes);
  }
}

export async function start() {
  on("restarted", () => changes.clear());
  await list().catch(() => undefined);
  on("ledger", read);
  on("fault", ({ providers }) => {
    for (const [name, faults] of Object.entries(providers ?? {})) cards.get(name)?.show(faults);
  });
}
