// Every crate that the binary may hold has a licence that deny.toml accepts and comes from an accepted registry.
// Needs cargo and node only; cargo-deny reads the same file and adds the advisories.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const deny = readFileSync("deny.toml", "utf8").replace(/^\s*#.*$/gm, "");
const strings = (text) => [...text.matchAll(/"([^"]+)"/g)].map((m) => m[1]);
const list = (key) => strings(deny.match(new RegExp(`^${key} = \\[([^\\]]*)\\]`, "m"))?.[1].replace(/#.*$/gm, "") ?? "");
const allowed = new Set(list("allow"));
const registries = new Set(list("allow-registry").map((r) => `registry+${r}`));
const banned = new Set([...deny.matchAll(/\{ name = "([^"]+)"/g)].map((m) => m[1]));
const targets = list("targets");
if (allowed.size === 0 || registries.size === 0 || targets.length === 0) throw new Error("deny.toml: no list could be read");

/** Whether a licence expression can be met with accepted licences alone: AND needs all, OR one, brackets group. */
function accepted(expression) {
  const tokens = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const atom = () => {
    if (tokens[at] === "(") {
      at += 1;
      const inner = either();
      at += 1;
      return inner;
    }
    const name = tokens[at++];
    if (tokens[at] !== "WITH") return allowed.has(name);
    at += 2;
    return allowed.has(`${name} WITH ${tokens[at - 1]}`);
  };
  const both = () => {
    let held = atom();
    while (tokens[at] === "AND") {
      at += 1;
      const next = atom();
      held = held && next;
    }
    return held;
  };
  const either = () => {
    let held = both();
    while (tokens[at] === "OR") {
      at += 1;
      const next = both();
      held = held || next;
    }
    return held;
  };
  return either() && at === tokens.length;
}

// In continuous integration the lock file must already be whole.
const filters = targets.flatMap((target) => ["--filter-platform", target]);
const metadata = JSON.parse(
  execFileSync("cargo", ["metadata", "--format-version", "1", ...(process.env.CI ? ["--locked"] : []), ...filters], { maxBuffer: 1 << 28 }).toString(),
);
let passed = 0;
let failed = 0;
for (const crate of metadata.packages) {
  const faults = [];
  if (!crate.license || !accepted(crate.license)) faults.push(`licence "${crate.license ?? "none"}" is not in deny.toml`);
  if (crate.source && !registries.has(crate.source)) faults.push(`comes from ${crate.source}`);
  if (banned.has(crate.name)) faults.push("is banned in deny.toml");
  if (faults.length === 0) passed += 1;
  else {
    failed += 1;
    console.log(`FAILED  ${crate.name} ${crate.version}: ${faults.join("; ")}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
