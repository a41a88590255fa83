// The wire: one row a PDU, the newest last. Rows are bounded, and what is masked stays masked until somebody says so.

import { clock, element, h, redraw } from "./dom.js";
import { follow, on } from "./live.js";
import { classOf, details, exchange, facts, failed, isResponse } from "./pdu.js";

const ROWS_MAX = 250; // as many as the simulator tells at once: what is shown can be told again, unmasked

const rows = element("pdus");
const note = element("pdus-note");
const commands = element("command");
const sessions = element("session");
const filter = element("filter");
const pauseButton = element("pause");
const contents = element("contents");

const pdus = new WeakMap(); // row → its PDU
const requests = new Map(); // exchange → the row that asked
const waiting = []; // for the next frame, or while paused for the end of that
let paused = false;
let follows = true; // the newest, until somebody scrolls back
let lost = 0;
let drawing = 0;
let unfolded = new Set(); // ids of rows that are to be open again when they are told once more
let stood = 0; // and of the one that had the focus

function row(pdu) {
  const asked = requests.get(exchange(pdu));
  const latency_s = isResponse(pdu) && asked ? pdu.at_s - pdus.get(asked).at_s : undefined;
  const way = pdu.direction === "<" ? " from the gateway " : " to the gateway ";
  const line = h("summary", { tabIndex: -1 },
    h("time", {}, clock(pdu.at_s, true)),
    h("span.session-number", { title: `session ${pdu.session}, ${pdu.operator}` }, `#${pdu.session}`),
    h("span.way", { ariaHidden: "true" }),
    h("b", {}, pdu.command, h("span.unseen", {}, way)),
    h("span.sequence", {}, pdu.sequence ?? ""),
    h("span.facts", {}, facts(pdu, latency_s)));
  const opened = h("details", {}, line);
  opened.addEventListener("toggle", () => {
    if (opened.open && opened.children.length === 1) opened.append(details(pdu, contents.checked));
  });
  const item = h(`li.${classOf(pdu)}`, { data: { exchange: exchange(pdu), way: pdu.direction } }, opened);
  pdus.set(item, pdu);
  if (!isResponse(pdu)) requests.set(exchange(pdu), item);
  return item;
}

function add(pdu) {
  waiting.push(pdu);
  if (waiting.length > ROWS_MAX) lost += waiting.splice(0, waiting.length - ROWS_MAX).length;
  if (!drawing) drawing = requestAnimationFrame(draw);
}

// Once a frame, however many have come.
function draw() {
  drawing = 0;
  if (!paused) append(waiting.splice(0));
  tell();
}

function append(come) {
  for (const pdu of come) {
    offer(commands, pdu.command.replace(/_resp$/, ""), (name) => name);
    offer(sessions, String(pdu.session), (number) => `#${number} ${pdu.operator}`);
    const made = row(pdu);
    made.hidden = !matches(made);
    made.querySelector("details").open = unfolded.delete(pdu.id);
    rows.append(made);
  }
  while (rows.children.length > ROWS_MAX) forget(rows.firstChild);
  const stop = rows.querySelector("summary[tabindex='0']") ?? rows.querySelector("summary");
  if (stop) stop.tabIndex = 0;
  stay();
  back();
}

// The focus comes back to its row, unless it is somewhere else by now.
function back() {
  const item = stood && find(stood);
  if (item && document.activeElement === document.body) item.querySelector("summary").focus();
  if (item) stood = 0;
}

const find = (id) => [...rows.children].find((item) => pdus.get(item).id === id);

function stay() {
  if (follows) rows.scrollTop = rows.scrollHeight;
}

function forget(item) {
  if (requests.get(item.dataset.exchange) === item) requests.delete(item.dataset.exchange);
  item.remove();
}

function offer(select, value, name) {
  const known = [...select.options].some((option) => option.value === value);
  if (value && !known) select.append(new Option(name(value), value));
}

function matches(item) {
  const pdu = pdus.get(item);
  const { value } = commands;
  if (value === "!" ? !failed(pdu) : value && pdu.command.replace(/_resp$/, "") !== value) return false;
  if (sessions.value && String(pdu.session) !== sessions.value) return false;
  return item.querySelector("summary").textContent.toLowerCase().includes(filter.value.trim().toLowerCase());
}

function sift() {
  for (const item of rows.children) item.hidden = !matches(item);
  follows = true;
  stay();
  tell();
}

function tell() {
  const shown = [...rows.children].filter((item) => !item.hidden).length;
  const words = [`${shown} of ${rows.children.length} PDUs`];
  if (paused) words.push(`paused, ${waiting.length} more`);
  if (lost) words.push(`${lost} passed too quickly to be shown`);
  note.textContent = words.join(" · ");
}

export function clear() {
  redraw(rows, []);
  requests.clear();
  waiting.length = 0;
  unfolded.clear();
  stood = 0;
  lost = 0;
  tell();
}

export function pause() {
  paused = !paused;
  pauseButton.textContent = paused ? "Resume" : "Pause";
  pauseButton.setAttribute("aria-pressed", String(paused));
  draw();
}

// The simulator tells what is shown once more, with or without what it says; whoever reads there keeps the place.
function reveal() {
  const oldest = pdus.get(rows.firstChild)?.id;
  const open = [...rows.children].filter((item) => item.querySelector("details").open);
  const at = pdus.get(document.activeElement.closest("#pdus > li"))?.id;
  document.body.classList.toggle("revealed", contents.checked);
  clear();
  unfolded = new Set(open.map((item) => pdus.get(item).id));
  stood = at ?? 0;
  follow({ contents: contents.checked }, oldest === undefined ? {} : { pdu: oldest - 1 });
}

// Show one PDU, if it has not left the page.
export function reach(id) {
  const item = find(id);
  if (!item) return;
  document.querySelector("[data-tab=wire]").click();
  item.hidden = false;
  item.querySelector("details").open = true;
  item.querySelector("summary").focus();
}

function tie({ target }) {
  const key = target.closest?.("li")?.dataset.exchange;
  for (const item of rows.querySelectorAll(".tied")) item.classList.remove("tied");
  if (key) for (const item of rows.querySelectorAll(`[data-exchange="${CSS.escape(key)}"]`)) item.classList.add("tied");
}

// One stop for the Tab key; inside, the arrows lead.
function walk(event) {
  const open = [...rows.children].filter((item) => !item.hidden).map((item) => item.querySelector("summary"));
  const at = open.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: open.length - 1 }[event.key];
  if (at < 0 || to === undefined || !open[to]) return;
  event.preventDefault();
  open[to].focus();
}

function stand({ target }) {
  if (target.tagName !== "SUMMARY") return;
  for (const one of rows.querySelectorAll("summary[tabindex='0']")) one.tabIndex = -1;
  target.tabIndex = 0;
}

export function start() {
  on("pdu", add);
  on("lost", (counts) => {
    lost += counts.pdus;
    tell();
  });
  on("restarted", clear);
  for (const control of [commands, sessions, filter]) control.addEventListener("input", sift);
  pauseButton.addEventListener("click", pause);
  element("clear").addEventListener("click", clear);
  contents.addEventListener("change", reveal);
  for (const kind of ["pointerover", "focusin"]) rows.addEventListener(kind, tie);
  rows.addEventListener("pointerleave", tie);
  rows.addEventListener("scroll", () => {
    if (rows.clientHeight) follows = rows.scrollHeight - rows.scrollTop - rows.clientHeight < 40;
  });
  new ResizeObserver(stay).observe(rows); // a pane that was hidden shows the newest when it comes back
  rows.addEventListener("focusin", stand);
  rows.addEventListener("keydown", walk);
  tell();
}
