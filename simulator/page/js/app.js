// Every part of the page listens first, then the line to the simulator opens.

import * as conformance from "./conformance.js";
import * as faults from "./faults.js";
import * as keys from "./keys.js";
import { learn } from "./offers.js";
import * as phones from "./phones.js";
import * as providers from "./providers.js";
import * as sessions from "./sessions.js";
import * as stream from "./stream.js";

for (const part of [keys, stream, sessions, conformance]) part.start();
await learn();
await Promise.all([faults.start(), providers.start()]);
await phones.start(); // opens the line
