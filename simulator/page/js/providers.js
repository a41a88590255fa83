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

const account = (one) => h("li", {}, h("b", {}, one.account), ` ${money(one.amount_minor)}`,
  one.credits > 1 ? h("small", {}, ` ×${one.credits}`) : "");

const credit = (one, fresh) => h(`li${fresh ? ".fresh" : ""}`, {}, h("time", {}, clock(one.credited_at_s || one.at_s)),
  h("b", {}, money(one.amount_minor)), h("span", {}, one.account),
  h("small", { title: `reference ${one.reference}` }, `№ ${one.receipt}`));

const choice = (label, options) =>
  h("select", { ariaLabel: label }, options.map(([value, words]) => new Option(words, value)));

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
    const parts = [title, this.totals, this.accounts, this.book, this.#levers(name), this.problem];
    this.element = h("section.card", { ariaLabel: name }, parts);
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
    const sum = `${total.credits} credited, ${money(total.amount_minor)} in all`;
    this.totals.textContent = total.credits ? sum : "Nothing credited yet.";
    redraw(this.accounts, accounts.slice(0, ACCOUNTS_SHOWN).map(account));
    redraw(this.book, credits.map((one) => credit(one, seen && !seen.has(one.receipt))));
  }

  show(faults) {
    const times = (count) => (count > 1 ? `, ${count} times` : "");
    const rows = faults.map(({ kind, command, count }) => h("li", {}, h("b", {}, kind), ` ${command}${times(count)}`));
    redraw(this.faults, rows);
    this.element.classList.toggle("faulty", rows.length > 0);
  }

  #levers(name) {
    const kind = choice(`Fault of ${name}`, Object.entries(KINDS));
    const command = choice(`Which requests of ${name}`, COMMANDS.map((word) => [word, word]));
    const count = h("input", { type: "number", min: 1, max: 1000, value: 1 });
    count.ariaLabel = `How many requests of ${name}`;
    const asked = () => ({ kind: kind.value, command: command.value, count: Number(count.value) });
    const add = () => ask("POST", `${this.path}/faults`, asked());
    const clear = () => ask("DELETE", `${this.path}/faults`);
    const button = (words, what, deed) =>
      h("button", { type: "button", ariaLabel: `${words} ${what} of ${name}`, onclick: () => this.#try(deed) }, words);
    const buttons = [button("Add", "fault", add), button("Clear", "faults", clear)];
    return h("div.levers", {}, kind, command, count, buttons, this.faults);
  }

  #try(deed) {
    deed().then(() => complain(this.problem, ""), (error) => complain(this.problem, wordsOf(error)));
  }
}

async function list() {
  const known = (await ask("GET", "/providers")) ?? [];
  for (const one of known) cards.set(one.name, new Card(one));
  const how = h("code", {}, "serve --provider NAME:PROTOCOL");
  const none = h("p.none", {}, "No provider is simulated. ", how, " adds one.");
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
