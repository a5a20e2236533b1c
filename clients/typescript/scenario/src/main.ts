// The scenario with both stacks: a step is ok when it holds in both.
import { readFileSync } from "node:fs";
import { steps } from "./check.js";
import { withClient } from "./client.js";
import { connect } from "./connect.js";
import { close, grpcJs } from "./grpc-js.js";

const manifest = new URL("../package.json", import.meta.url);
const { dependencies } = JSON.parse(readFileSync(manifest, "utf8")) as { dependencies: Record<string, string> };
const runtimes = ["@connectrpc/connect-node", "@grpc/grpc-js"].map((name) => `${name} ${dependencies[name]}`);
console.log(`version TypeScript, Node ${process.versions.node}, ${runtimes.join(" and ")}`);

for (const step of steps) {
  for (const [stack, scenario] of Object.entries({ "smsmux/v1": connect, "smsmux/grpc-js/v1": grpcJs })) {
    try {
      await scenario[step]();
    } catch (error) {
      console.error(`${step} with ${stack}:`, error);
      process.exit(1);
    }
  }
  console.log(`ok ${step}`);
}
for (const [step, run] of Object.entries(withClient)) {
  try {
    await run();
  } catch (error) {
    console.error(`${step}:`, error);
    process.exit(1);
  }
  console.log(`ok ${step}`);
}
close();
process.exit(0);
