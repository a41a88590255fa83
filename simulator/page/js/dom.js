// Elements in one line each, and the few things that every part of the page writes alike.

export const element = (id) => document.getElementById(id);

// h("button.send", { type: "button", onclick }, "Send"): classes after dots, properties by name, others as attributes.
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (name === "data") Object.assign(made.dataset, value);
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const two = (number) => String(number).padStart(2, "0");

// The reader's own time of day; with `fine` as a log writes it.
export function clock(at_s, fine = false) {
  const at = new Date(at_s * 1000);
  const seconds = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return fine ? `${seconds}.${String(at.getMilliseconds()).padStart(3, "0")}` : seconds;
}

export const time = (at_s, fine) =>
  h("time", { dateTime: new Date(at_s * 1000).toISOString() }, clock(at_s, fine));

// 5000000 tiyin → "50 000.00", with spaces that do not break.
export function money(minor) {
  const whole = String(Math.floor(Math.abs(minor) / 100)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return `${minor < 0 ? "−" : ""}${whole}.${two(Math.abs(minor) % 100)}`;
}

// Put new children into a list without losing the focus of whoever stands in it.
export function redraw(parent, children) {
  const held = parent.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  parent.replaceChildren(...children);
  if (held) [...parent.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === held)?.focus();
}

// Ask the simulator. The answer's document; undefined where the simulator has no such part (404).
export async function ask(method, path, body) {
  const answer = await fetch(path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 404 && method === "GET") return undefined;
  const document = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
  if (!answer.ok) throw new Error(document.detail ?? document.error ?? answer.statusText);
  return document;
}

// Say what went wrong where it was asked for; nothing to say hides the line.
export function complain(line, words) {
  line.textContent = words;
  line.hidden = !words;
}

export const wordsOf = (error) =>
  error instanceof TypeError ? "The simulator does not answer. Is it still running?" : error.message;
