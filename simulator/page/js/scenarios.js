// Scenarios: an operator that misbehaves by rules and phases. Which is played, and how far it is.

import { ask, element, h, redraw } from "./dom.js";
import { offers } from "./offers.js";

const LOOK_MS = 1000;

const form = element("scenario");
const about = form.querySelector(".about");
const played = element("played");
const { name, seed, operator } = form.elements;

const offered = () => offers("/scenarios") && offers("/scenario");

function line(where, several, { title, seed: number, phase, rules }) {
  const hits = rules.reduce((sum, rule) => sum + rule.hits, 0);
  const left = phase?.left_s === null || !phase ? "" : `, ${Math.ceil(phase.left_s)} s left`;
  const words = [phase && `phase ${phase.name} (${phase.number} of ${phase.of}${left})`, `seed ${number}`,
    `${hits} time${hits === 1 ? "" : "s"} so far`];
  return h("li", {}, several ? `${where}: ` : "", h("b", {}, title), ` · ${words.filter(Boolean).join(" · ")}`);
}

function show(operators) {
  const names = Object.keys(operators);
  const going = names.filter((each) => operators[each].rules.length || operators[each].phase);
  redraw(played, going.map((each) => line(each, names.length > 1, operators[each])));
  document.body.classList.toggle("playing", going.length > 0);
}

// Phases and hits change by themselves: while the pane is seen, it looks again.
async function look() {
  if (element("faults").checkVisibility({ visibilityProperty: true }) && !document.hidden) await read();
  setTimeout(look, LOOK_MS);
}

async function read() {
  const found = await ask("GET", "/scenario").catch(() => undefined);
  if (found) show(found.operators);
  return found?.operators ?? {};
}

export async function offerScenarios(attempt) {
  if (!offered()) return;
  const { scenarios } = await ask("GET", "/scenarios");
  const descriptions = new Map(scenarios.map((each) => [each.name, each.description]));
  name.append(...scenarios.map((each) => new Option(each.title, each.name)));
  const describe = () => (about.textContent = descriptions.get(name.value) ?? "");
  name.addEventListener("input", describe);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(play);
  });
  operator.append(...Object.keys(await read()).map((each) => new Option(each, each)));
  operator.parentElement.hidden = operator.options.length < 3;
  form.hidden = false;
  describe();
  look();
}

async function play() {
  const asked = { name: name.value };
  if (seed.value) asked.seed = Number(seed.value);
  if (operator.value) asked.operator = operator.value;
  show((await ask("PUT", "/scenario", asked)).operators);
}

export async function stopScenarios() {
  if (!offered()) return;
  await ask("DELETE", "/scenario");
  await read();
}
