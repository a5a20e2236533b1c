import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DescMessage } from "@bufbuild/protobuf";
import * as smsmux from "smsmux/v1";
import { check, environment, present } from "./check.js";

/** A golden vector, and what it is a message of. */
export interface Vector {
  name: string;
  schema: DescMessage;
  binary: Buffer;
  json: string;
}

export function vectors(): Vector[] {
  const schemas = new Map<string, DescMessage>();
  for (const exported of Object.values(smsmux)) {
    if (typeof exported === "object" && "kind" in exported && exported.kind === "message") {
      schemas.set(exported.name, exported);
    }
  }
  const folder = environment("SMSMUX_TESTDATA");
  const files = readdirSync(folder).filter((file) => file.endsWith(".binpb"));
  check(files.length > 0, `no golden vectors in ${folder}`);
  return files.map((file) => {
    const name = file.slice(0, -".binpb".length);
    return {
      name,
      schema: present(schemas.get(name), `message ${name}`),
      binary: readFileSync(join(folder, file)),
      json: readFileSync(join(folder, `${name}.json`), "utf8"),
    };
  });
}
