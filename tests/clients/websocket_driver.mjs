// Opens one websocket with the library that is named, and tells what comes of it: a line of JSON an event on standard
// output. A line on standard input is a call of one of its methods. websocket_driver.py is the other end.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [library, modules, url] = process.argv.slice(2);
const say = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const WebSocket = library === "ws" ? createRequire(modules + "/")("ws") : globalThis.WebSocket;

const socket = new WebSocket(url);
socket.binaryType = "arraybuffer";
socket.onopen = () => say({ event: "open", extensions: socket.extensions });
socket.onmessage = ({ data }) =>
  say({ event: "message", binary: typeof data !== "string", text: typeof data === "string" ? data : Buffer.from(data).toString() });
socket.onerror = (error) => say({ event: "error", text: String(error.message ?? error.error) });
socket.onclose = ({ code, reason }) => {
  say({ event: "close", code, reason });
  process.exit(0);
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  socket[call](...args);
}
process.exit(0);
