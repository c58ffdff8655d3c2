// The programming interface against its own OpenAPI description: schemathesis with three accounts, and the faults that
// every client makes sooner or later, each with a problem of its own.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hold, option, run, top } from "./lib.mjs";

const target = process.env.CARGO_TARGET_DIR ?? join(top, "target");
const schemathesis = join(target, "venv/bin/schemathesis");
const description = "/api/v1/openapi.json";
const examples = Number(option("examples", 25));
const checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/** Runs schemathesis as one account; resolves to its test cases (one for each operation) and what it printed. One worker:
 *  Python 3.11 cannot parse in two threads at once ("AST constructor recursion depth mismatch"); the accounts run side by side. */
function fuzz(base, { token, role }) {
  const folder = join(target, "test-logs");
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `schemathesis-${role}.xml`);
  const args = ["run", base + description, "--header", `Authorization: Bearer ${token}`, "--checks", checks];
  args.push("--max-examples", String(examples), "--seed", "20261123", "--workers", "1", "--continue-on-failure");
  args.push("--phases", "examples,coverage,fuzzing", "--report", "junit", "--report-junit-path", report, "--output-truncate", "false");
  return new Promise((done, fail) => {
    const child = spawn(schemathesis, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1", COLUMNS: "160" } });
    let said = "";
    child.stdout.on("data", (data) => (said += data));
    child.stderr.on("data", (data) => (said += data));
    child.once("error", fail);
    child.once("exit", (code) => {
      try {
        const cases = [...readFileSync(report, "utf8").matchAll(/<testcase name="([^"]*)"[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g)];
        done({ code, said, cases: cases.map(([, name, , body]) => ({ name, fault: /<(failure|error)/.test(body ?? "") ? body : null })) });
      } catch (error) {
        fail(new Error(`schemathesis left no report (exit ${code}): ${error.message}\n${said.slice(-3000)}`));
      }
    });
  });
}

const plain = (xml) =>
  xml.replace(/<[^>]+>/g, " ").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&").replaceAll("&#10;", "\n");

await run("api", async ({ tally, demo }) => {
  const api = await (await fetch(demo.base + description)).json();
  await tally.check("the description is OpenAPI 3.1 with operations", () => {
    hold(/^3\.1\./.test(api.openapi), `openapi is ${api.openapi}`);
    hold(Object.keys(api.paths ?? {}).length > 0, "no path is described");
    hold(!/utoipa/i.test(JSON.stringify(api.info)), "the description carries the library's own title or licence");
  });

  // The faults of a client: at each endpoint that creates something and has no id in its path.
  const tokens = ["case_manager", "focal_point", "secretariat"].map((role) => demo.account(role).token);
  let token = tokens[0];
  const send = (path, body, type = "application/json") =>
    fetch(demo.base + path, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": type }, body });
  const faults = {
    "malformed body": (path) => send(path, '{"id": '),
    "wrong type": (path) => send(path, JSON.stringify([1, 2, 3])),
    "not JSON at all": (path) => send(path, "id=1", "text/plain"),
    oversize: (path) => send(path, JSON.stringify({ id: randomUUID(), answers: { "F1E.03": "x".repeat(8 << 20) } })),
  };
  for (const [path, item] of Object.entries(api.paths)) {
    if (!item.post || path.includes("{")) continue;
    // As somebody who may: to others the endpoint does not exist, whatever is sent.
    for (token of tokens) if ((await faults["malformed body"](path)).status !== 404) break;
    const types = new Map();
    for (const [name, act] of Object.entries(faults)) {
      await tally.check(`POST ${path}: ${name} has its own problem`, async () => {
        const answer = await act(path);
        hold(answer.status >= 400 && answer.status < 500, `answered ${answer.status}`);
        hold(/^application\/problem\+json/.test(answer.headers.get("content-type") ?? ""), `content type ${answer.headers.get("content-type")}`);
        const problem = await answer.json();
        hold(typeof problem.type === "string" && problem.title && problem.status === answer.status, `not RFC 9457: ${JSON.stringify(problem)}`);
        hold(!types.has(problem.type), `same problem type as "${types.get(problem.type)}": ${problem.type}`);
        types.set(problem.type, name);
      });
    }
    // Anybody may complain.
    if (path.startsWith("/api/v1/complaints")) continue;
    await tally.check(`POST ${path}: without a token is refused with a problem`, async () => {
      const answer = await fetch(demo.base + path, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
      hold(answer.status === 401, `answered ${answer.status}`);
      hold(/problem\+json/.test(answer.headers.get("content-type") ?? ""), `content type ${answer.headers.get("content-type")}`);
    });
  }

  const roles = ["case_manager", "focal_point", "secretariat"];
  const runs = await Promise.all(roles.map(async (role) => ({ role, ...(await fuzz(demo.base, demo.account(role))) })));
  for (const { role, cases, said } of runs) {
    await tally.check(`schemathesis as ${role} tried operations`, () => hold(cases.length > 0, said.slice(-3000)));
    for (const { name, fault } of cases) {
      await tally.check(`schemathesis as ${role}: ${name}`, () => hold(!fault, plain(fault ?? "").slice(0, 3000)));
    }
  }
  await tally.check("the server still answers after all that", async () => {
    hold((await fetch(demo.base + description)).status === 200, "no answer");
  });
});
