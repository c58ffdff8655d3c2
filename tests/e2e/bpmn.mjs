// What bpmn-moddle says of the files named: see tests/bpmn/run. The last line is "N passed, N failed".
import fs from 'node:fs';
import { BpmnModdle } from 'bpmn-moddle';

let passed = 0;
let failed = 0;
const held = (what, holds, told = '') => {
  console.log(`${holds ? 'ok' : 'wrong'}: ${what}${holds ? '' : ` ${told}`}`);
  if (holds) passed += 1;
  else failed += 1;
};

for (const file of process.argv.slice(2)) {
  const name = file.split('/').pop();
  const { rootElement, warnings, elementsById } = await new BpmnModdle().fromXML(fs.readFileSync(file, 'utf8'));
  held(`${name}: no warning`, warnings.length === 0, warnings.map((w) => w.message).join('; '));
  const all = Object.values(elementsById);
  const flows = all.filter((e) => e.$instanceOf('bpmn:SequenceFlow'));
  const steps = all.filter((e) => e.$instanceOf('bpmn:FlowNode'));
  held(`${name}: each flow leads from a step to a step`, flows.length > 20 && flows.every((f) => f.sourceRef && f.targetRef));
  const drawn = new Set(rootElement.diagrams.flatMap((d) => d.plane.planeElement).map((e) => e.bpmnElement?.id));
  const missing = [...flows, ...steps].filter((e) => !drawn.has(e.id)).map((e) => e.id);
  held(`${name}: each step and flow has its place on the drawing`, steps.length > 15 && missing.length === 0, missing.join(' '));
  const dead = steps.filter((e) => !e.$instanceOf('bpmn:EndEvent') && !(e.outgoing ?? []).length).map((e) => e.id);
  held(`${name}: no step but an end is without a way on`, dead.length === 0, dead.join(' '));
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
