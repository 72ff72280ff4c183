import fs from 'node:fs';
import { synthesise, soundPolicy, machineOf } from '../support/synth';
test('x', () => {
  const t0 = Date.now();
  const s = synthesise({ 'a.yaml': soundPolicy });
  fs.writeFileSync('/tmp/wf.json', JSON.stringify(s.workflow, null, 1));
  fs.writeFileSync('/tmp/ev.json', JSON.stringify(s.evidence, null, 1));
  for (const m of ['rotation', 'settle', 'sweep']) fs.writeFileSync(`/tmp/${m}.json`, JSON.stringify(machineOf(s.workflow, `gapless-${m}`), null, 1));
  console.log(s.warnings, Date.now() - t0);
});
