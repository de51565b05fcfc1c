// Node's fetch, for the client matrix in docs/faults.md. with_requests.py says how lines go in and out.
import readline from "node:readline";

function describe(error) {
    const cause = error.cause;
    if (!cause) {
        return `${error.name}: ${error.message}`;
    }
    const code = cause.code ?? cause.name;
    return `${error.name}: ${error.message} (${code})`;
}

async function ask(url, milliseconds) {
    let answer, text;
    try {
        answer = await fetch(url, { signal: AbortSignal.timeout(milliseconds) });
        text = await answer.text();
    } catch (error) {
        return error.name === "TimeoutError" ? ["timeout", error.name] : ["error", describe(error)];
    }
    try {
        JSON.parse(text);
    } catch (error) {
        return ["body", `${answer.status}, then ${error.name}`];
    }
    return ["ok", `${answer.status}`];
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    const [number, milliseconds, url] = line.split(" ");
    ask(url, Number(milliseconds)).then((outcome) => console.log([number, ...outcome].join("\t")));
}
process.exit(0);
