// The keyboard: panes as tabs, single keys outside of fields, and the list of them under "?".

import { element, h } from "./dom.js";
import { heal } from "./faults.js";
import { add, current } from "./phones.js";
import { clear, pause } from "./stream.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const dialog = element("keys");
const single = element("single");

export function open(name) {
  const { dataset } = document.body;
  dataset.pane = name;
  if (!["phones", "wire"].includes(name)) dataset.desk = name;
  mark();
}

const narrow = matchMedia("(max-width: 68rem)");

function mark() {
  const { pane, desk } = document.body.dataset;
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === (narrow.matches ? pane : desk);
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
}

function step(event) {
  const open_ = tabs.filter((tab) => tab.checkVisibility());
  const at = open_.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: open_.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = open_.at(to % open_.length);
  open(next.dataset.tab);
  next.focus();
}

function reach(id) {
  open("wire");
  element(id).focus();
}

const FIELD_KEYS = [["Enter", "send"], ["Shift+Enter", "a new line"], ["Esc", "leave a field"]];
const KEYS = new Map([
  ["?", ["this list", () => dialog.showModal()]],
  ["t", ["write a text", () => (open("phones"), current().text.focus())]],
  ["k", ["the keypad of this phone", () => current().article.querySelector(".keys").click()]],
  ["n", ["add a phone", () => (open("phones"), add())]],
  ["/", ["filter the wire", () => reach("filter")]],
  ["w", ["walk the wire (arrows, Enter opens)", walk]],
  ["p", ["pause and resume the wire", pause]],
  ["c", ["clear the wire", clear]],
  ["x", ["show contents, or mask them", () => element("contents").click()]],
  ["h", ["healthy again", heal]],
  ...["sessions", "faults", "providers", "conformance"].map((name, at) => [String(at + 1), [name, () => open(name)]]),
]);

function walk() {
  open("wire");
  [...document.querySelectorAll("#pdus > li:not([hidden]) summary")].at(-1)?.focus();
}

const inField = (target) => target.matches("input:not([type=checkbox]), textarea, select");

function press(event) {
  if (event.key === "Escape" && inField(event.target)) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || inField(event.target) || !single.checked) return;
  const key = KEYS.get(event.key);
  if (!key) return;
  event.preventDefault();
  key[1]();
}

export function start() {
  const listed = [...FIELD_KEYS, ...[...KEYS].map(([key, [words]]) => [key, words])];
  const rows = listed.flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]);
  dialog.querySelector("dl").append(...rows);
  single.checked = localStorage.getItem("single") !== "off";
  single.addEventListener("change", () => localStorage.setItem("single", single.checked ? "on" : "off"));
  element("ask").addEventListener("click", () => dialog.showModal());
  element("tabs").addEventListener("keydown", step);
  for (const tab of tabs) tab.addEventListener("click", () => open(tab.dataset.tab));
  document.addEventListener("keydown", press);
  narrow.addEventListener("change", mark);
  mark();
}
