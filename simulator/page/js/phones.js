// The phones side by side. What they show comes from the simulator alone, so that a text that was sent from anywhere
// else (a script, the demo) appears here too.

import { complain, element, time } from "./dom.js";
import { follow, on } from "./live.js";
import { Phone } from "./phone.js";
import { watchReceipts } from "./receipts.js";

const PHONES_MAX = 8;
const YEAR_S = 31_536_000;
const REDRAW_MS = 2000;

const shelf = document.querySelector(".shelf");
const phones = new Map(); // number without plus → its phone
let last = ""; // number of the phone that had the focus last

function handset({ form }) {
  const { from, to } = form.elements;
  return [["from", from.value.trim()], ["to", to.value.trim() || "1400"]];
}

// The address names the phones, and a cookie remembers them: the server draws them before the script begins.
function remember() {
  const shown = [...shelf.children].map((article) => phones.get(article.dataset.number));
  const query = new URLSearchParams(shown.flatMap(handset)).toString();
  history.replaceState(null, "", `/?${query}`);
  document.cookie = `phones=${query}; path=/; max-age=${YEAR_S}; samesite=strict`;
  shelf.dataset.count = phones.size;
  element("add").disabled = phones.size >= PHONES_MAX;
}

// A phone as the server draws it, and the last entry that it knows.
async function drawn(from, to) {
  const page = await (await fetch(`/?${new URLSearchParams({ from, to })}`)).text();
  const { body } = new DOMParser().parseFromString(page, "text/html");
  return { made: document.importNode(body.querySelector(".phone"), true), entry: Number(body.dataset.entry) };
}

function register(article) {
  for (const each of article.querySelectorAll("time")) each.replaceWith(time(Date.parse(each.dateTime) / 1000));
  const phone = new Phone(article, { remove, replace, remember });
  phones.set(phone.number, phone);
  return phone;
}

function changed(entry = Infinity) {
  remember();
  follow({ numbers: [...phones.keys()] }, { entry });
}

async function replace(phone) {
  const { from, to, text } = phone.form.elements;
  const { made, entry } = await drawn(from.value.trim(), to.value.trim());
  const { number } = made.dataset;
  const no = refusal(phone, number, from.value.trim().replace(/^\+/, ""));
  if (no) return complain(phone.error, no);
  const kept = text.value; // what was typed and where the cursor stood, by now
  const name = phone.article.contains(document.activeElement) ? document.activeElement.name : "";
  phones.delete(phone.number);
  phone.article.replaceWith(made);
  const fresh = register(made);
  if (last === phone.number) last = fresh.number;
  if (kept) fresh.text.value = kept;
  if (name) fresh.form.elements[name].focus();
  return changed(entry);
}

function refusal(phone, drawnNumber, typed) {
  if (drawnNumber !== typed) return "This is no number that a phone can have.";
  return drawnNumber !== phone.number && phones.has(drawnNumber) ? "This number is on another phone already." : "";
}

// The next number that no phone has: people test with neighbours.
function unused() {
  let number = BigInt([...phones.keys()].filter((each) => /^\d{8,19}$/.test(each)).at(-1) ?? "998901234567");
  while (phones.has(String(number))) number += 1n;
  return `+${number}`;
}

export async function add() {
  if (phones.size >= PHONES_MAX) return;
  const last = [...phones.values()].at(-1);
  const { made, entry } = await drawn(unused(), last?.form.elements.to.value ?? "1400");
  shelf.append(made);
  register(made);
  changed(entry);
  made.scrollIntoView({ inline: "nearest", block: "nearest" });
  made.querySelector("[name=from]").select();
}

function remove(phone) {
  if (phones.size === 1) return;
  phones.delete(phone.number);
  phone.article.remove();
  changed();
  [...phones.values()].at(-1).text.focus();
}

const redrawAll = () => phones.forEach((phone) => replace(phone));

// In a flood much is lost all the time, and drawing anew costs the simulator more than telling.
let redrawing = 0;
const redrawSoon = () => {
  redrawing ||= setTimeout(() => {
    redrawing = 0;
    redrawAll();
  }, REDRAW_MS);
};

// The phone that somebody was at last, in a field of it or not any more.
export const current = () => phones.get(last) ?? [...phones.values()][0];

export async function start() {
  await watchReceipts();
  shelf.querySelectorAll(".phone").forEach(register);
  changed();
  shelf.addEventListener("focusin", ({ target }) => (last = target.closest(".phone").dataset.number));
  element("add").addEventListener("click", add);
  on("entry", (entry) => phones.get(entry.number)?.show(entry));
  on("lost", ({ entries }) => entries && redrawSoon());
  on("restarted", redrawAll);
  current().text.focus({ preventScroll: true });
}
