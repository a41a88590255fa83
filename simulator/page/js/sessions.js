// Who is connected, how busy, and what may be done to them.

import { ask, clock, element, h, redraw, wordsOf } from "./dom.js";
import { on, say } from "./live.js";

const lines = element("lines");
const DEEDS = {
  unbind: "Ask it to go, in order",
  drop: "Cut the connection",
  stall: "Be dead, with the connection open",
};
const DEAD = ["stalled", "half_open"]; // beside the state: the connection stands, and nothing that we say comes through

function deed(line, what) {
  const button = h("button", { type: "button", title: DEEDS[what], data: { focus: `${line.id}${what}` } }, what);
  button.setAttribute("aria-label", `${what} session ${line.id}`);
  button.addEventListener("click", () => {
    ask("POST", `/sessions/${line.id}/${what}`).catch((error) => {
      button.title = wordsOf(error);
    });
  });
  return button;
}

function counters(line) {
  const rows = line.counters.map(({ direction, command, status, count }) =>
    h("tr", {}, h("td", {}, direction), h("td", {}, command), h("td", {}, status), h("td", {}, String(count))));
  const head = h("tr", {}, ["way", "command", "status", "count"].map((word) => h("th", { scope: "col" }, word)));
  const title = h("summary", { data: { focus: `${line.id}counters` } }, "Counters");
  const table = h("table", {}, h("thead", {}, head), h("tbody", {}, rows));
  const opened = h("details", { open: !closed.has(line.id) }, title, table);
  opened.addEventListener("toggle", () => closed[opened.open ? "delete" : "add"](line.id));
  return opened;
}

const closed = new Set(); // sessions whose counters nobody wants to see

function draw(line) {
  const faults = Object.entries(line.faults).filter(([, count]) => count)
    .map(([name, count]) => `${name.replaceAll("_", " ")} ${count}`).join(", ");
  const busy = [`since ${clock(line.since_s)}`, `window ${line.window_free} free`,
    `${line.in_flight} deliver_sm in flight`, `${line.unanswered} unanswered`];
  const states = [line.state, ...DEAD.filter((each) => line[each])];
  return h(`li.session.${states.join(".")}`, {},
    h("b", {}, line.system_id || "not bound yet"), " ",
    h("span", {}, `${line.operator} · #${line.id} · ${states.join(", ")} · ${line.peer}`),
    h("p", {}, busy.join(" · ")),
    faults ? h("p.bad", {}, faults) : "",
    h("div.deeds", {}, Object.keys(DEEDS).map((what) => deed(line, what))), counters(line));
}

function show({ sessions }) {
  redraw(lines, sessions.length ? sessions.map(draw) : [h("li.none", {}, "No gateway is connected.")]);
  const served = new Set(sessions.filter(({ receives }) => receives).map(({ operator }) => operator));
  for (const one of document.querySelectorAll(".operator")) one.classList.toggle("up", served.has(one.dataset.name));
  for (const phone of document.querySelectorAll(".phone")) {
    const badge = phone.querySelector(".badge");
    phone.classList.toggle("served", badge ? served.has(badge.textContent) : served.size > 0);
  }
  say(served.size ? "Gateway connected" : "No gateway ready", served.size ? "up" : "");
}

export const start = () => on("session", show);
