// What this simulator offers: parts of the page that it does not have are not shown, and not asked for in vain.

import { ask } from "./dom.js";

const paths = new Set();

export async function learn() {
  try {
    for (const path of (await ask("GET", "/health")).paths) paths.add(path);
  } catch {
    // It does not answer: the line to it will say so, and nothing more is offered meanwhile.
  }
}

export const offers = (path) => paths.has(path);
