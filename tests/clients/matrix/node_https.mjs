// Node's https, for the client matrix in docs/faults.md. with_requests.py says how lines go in and out.
import https from "node:https";
import readline from "node:readline";

const agent = new https.Agent({ keepAlive: true });
// The gateway refuses calls without one, and https sends none by itself.
const headers = { "User-Agent": "matrix" };

function describe(error) {
    // EPROTO is all that has no code of its own; OpenSSL's reason is in the message.
    const reason = error.code === "EPROTO" && /SSL routines:[^:]*:([^:]+):/.exec(error.message);
    return reason ? `${error.code} (${reason[1]})` : (error.code ?? error.message);
}

function ask(url, milliseconds) {
    return new Promise((resolve) => {
        let timedOut = false;
        const fail = (error) => resolve(timedOut ? ["timeout", "timeout event"] : ["error", describe(error)]);
        const request = https.get(url, { agent, headers, timeout: milliseconds }, (answer) => {
            const pieces = [];
            answer.on("error", fail);
            answer.on("data", (piece) => pieces.push(piece));
            answer.on("end", () => {
                try {
                    JSON.parse(Buffer.concat(pieces).toString());
                } catch (error) {
                    return resolve(["body", `${answer.statusCode}, then ${error.name}`]);
                }
                resolve(["ok", `${answer.statusCode}`]);
            });
        });
        request.on("error", fail);
        // Nothing happens by itself when it is over.
        request.on("timeout", () => {
            timedOut = true;
            request.destroy();
        });
    });
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    const [number, milliseconds, url] = line.split(" ");
    ask(url, Number(milliseconds)).then((outcome) => console.log([number, ...outcome].join("\t")));
}
process.exit(0);
