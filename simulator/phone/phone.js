// The phone page: one number's texts both ways. What it shows comes from GET /traffic alone, so that a text sent from
// anywhere else (a script, the demo) appears here too.

const element = (id) => document.getElementById(id);
const from = element("from");
const to = element("to");
const text = element("text");
const log = element("log");

const WAIT_S = 25; // a long poll: long enough to be quiet, short enough for every proxy
const RETRY_MS = 1000;
const HEALTH_MS = 3000;
const BUBBLES_MAX = 500; // older ones leave the page

// ---- how much of an SMS a text takes (3GPP 23.038, 6.2.1; 23.040, 9.2.3.24) ----------------------------------------

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
    "abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€"); // an escape before each: they count twice

function measure(value) {
  const characters = [...value];
  const gsm = characters.every((c) => BASIC.has(c) || EXTENDED.has(c));
  const width = (c) => (gsm ? 1 + EXTENDED.has(c) : c.length);
  const units = characters.reduce((sum, c) => sum + width(c), 0);
  const [whole, part] = gsm ? [160, 153] : [70, 67];
  return { alphabet: gsm ? "GSM" : "Unicode", units, whole, segments: units <= whole ? 1 : cut(characters, width, part) };
}

function cut(characters, width, part) {
  let segments = 1;
  let used = 0;
  for (const character of characters) {
    if (used + width(character) > part) {
      segments += 1;
      used = 0;
    }
    used += width(character);
  }
  return segments;
}

function count() {
  const { alphabet, units, whole, segments } = measure(text.value);
  const of = segments === 1 ? `${units} of ${whole}` : `${units}`;
  element("counter").textContent = `${of} · ${alphabet} · ${segments} SMS`;
}

// ---- bubbles ------------------------------------------------------------------------------------------------------

const STATES = {
  waiting: "waiting for the gateway",
  retrying: "will be delivered again",
  acked: "delivered",
  refused: "refused",
  given_up: "given up",
};

const sent = new Map(); // id of a text of ours → its line of state

function add(kind, who, words, note) {
  const item = document.createElement("li");
  item.className = kind;
  const speaker = document.createElement("span");
  speaker.className = "hidden";
  speaker.textContent = `${who}: `;
  const bubble = document.createElement("p");
  bubble.append(speaker, words);
  const small = document.createElement("small");
  small.textContent = note;
  item.append(bubble, small);
  log.append(item);
  while (log.children.length > BUBBLES_MAX) log.firstChild.remove();
  return item;
}

const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function tell(small, answer) {
  const failed = answer.status ? ` · ${answer.status_name}` : "";
  small.textContent = `${small.dataset.time} · ${STATES[answer.state]}${failed}`;
  small.classList.toggle("bad", answer.state !== "acked" && answer.state !== "waiting");
}

function offerCode(item, words) {
  const code = words.match(/^\p{L}+ (\d{6})(?!\d)/u); // a code stands at the front, after one word
  if (!code) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `Answer ${code[1]}`;
  button.addEventListener("click", () => compose(code[1]));
  item.append(button);
}

function show(entry) {
  if (entry.kind === "mo") {
    const small = add("mine", "I", entry.text, "").querySelector("small");
    small.dataset.time = clock(entry.at_s);
    tell(small, { state: "waiting" });
    sent.set(entry.id, small);
  } else if (entry.kind === "answer" && sent.has(entry.mo)) {
    tell(sent.get(entry.mo), entry);
  } else if (entry.kind === "mt") {
    const parts = entry.segments > 1 ? ` · ${entry.segments} SMS` : "";
    offerCode(add("theirs", entry.from, entry.text, `${clock(entry.at_s)}${parts}`), entry.text);
  }
  log.scrollTop = log.scrollHeight;
}

// ---- traffic ------------------------------------------------------------------------------------------------------

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let listening = new AbortController();

async function listen() {
  listening.abort();
  listening = new AbortController();
  const { signal } = listening;
  const number = encodeURIComponent(from.value.trim());
  let since = 0;
  while (number && !signal.aborted) {
    if (!since) forget();
    try {
      const answer = await fetch(`/traffic?number=${number}&since=${since}&wait=${WAIT_S}`, { signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const traffic = await answer.json();
      if (!signal.aborted) traffic.entries.forEach(show);
      since = traffic.next;
    } catch {
      since = 0; // a simulator that has started anew counts from the beginning
      if (!signal.aborted) await pause(RETRY_MS);
    }
  }
}

function forget() {
  log.replaceChildren();
  sent.clear();
}

async function watchLink() {
  const link = element("link");
  for (;;) {
    let words = "The simulator does not answer";
    let state = "link down";
    try {
      const health = await (await fetch("/health")).json();
      words = health.receiving ? "Gateway connected" : "No gateway yet";
      state = health.receiving ? "link up" : "link";
    } catch {
      // said by the words above
    }
    if (link.textContent !== words) link.textContent = words;
    link.className = state;
    await pause(HEALTH_MS);
  }
}

// ---- writing ------------------------------------------------------------------------------------------------------

function compose(words) {
  text.value = words;
  count();
  text.focus();
}

function complain(words) {
  element("error").textContent = words;
  element("error").hidden = !words;
}

async function send() {
  const body = { from: from.value.trim(), to: to.value.trim(), text: text.value };
  if (!body.text) return;
  try {
    const answer = await fetch("/mo", { method: "POST", body: JSON.stringify(body) });
    const problem = answer.ok ? "" : (await answer.json()).detail;
    complain(problem);
    if (!problem) compose("");
  } catch {
    complain("The simulator does not answer. Is it still running?");
  }
}

element("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
element("examples").addEventListener("click", (event) => {
  if (event.target.dataset.text) compose(event.target.dataset.text);
});
text.addEventListener("input", count);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
from.addEventListener("change", () => {
  localStorage.setItem("from", from.value);
  listen();
});
to.addEventListener("change", () => localStorage.setItem("to", to.value));

// The address may name both numbers: /?from=%2B998901234567&to=1400
const asked = new URLSearchParams(location.search);
from.value = asked.get("from") ?? localStorage.getItem("from") ?? "+998901234567";
to.value = asked.get("to") ?? localStorage.getItem("to") ?? "1400";
count();
text.focus();
listen();
watchLink();
