import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { judge } from '../oracle/journal-oracle.js';
import { journalOf, Rig } from './rig.js';
import { begunIn, WITNESS, witnessed } from './witness.js';

/** A group that says it is free of conflicts and is not, one that names tasks of another plan, and a task in no group. */
const PLAN = `# Mill

\`\`\`yaml
dag:
  nodes:
    - { id: "1.1", name: Wheel, files: ["src/mill.ts"], depends_on: [] }
    - { id: "1.2", name: Stone, files: ["src/**"], depends_on: [] }
    - { id: "1.3", name: Sails, files: ["docs/sails.md"], depends_on: [] }
    - { id: "2.1", name: Flour, files: [], depends_on: ["1.1"] }
  parallel_groups:
    - { id: "pg-1", tasks: ["1.1", "1.2"], conflict_free: true }
    - { id: "pg-2", tasks: ["2.1", "2.2", "9.9"], conflict_free: true }
\`\`\`

- [ ] Task 1.1: Wheel
- [ ] Task 1.2: Stone
- [ ] Task 1.3: Sails
- [ ] Task 2.1: Flour
`;

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('plan.md', PLAN);
});
afterEach(() => rig.remove());

test('groups that are wrong are told, and neither lose a task nor let two write one file', async () => {
  const { code, stderr } = await rig.signalbox(['run', 'plan.md', '--command', witnessed('sleep 0.1')]);
  expect(stderr).toContain(
    'warning: parallel group pg-1 is marked conflict_free, but tasks 1.1 and 1.2 both write src/mill.ts. They will run one after the other.',
  );
  expect(stderr).toContain('warning: parallel group pg-2 names task "2.2", which is not in the plan.');
  expect(stderr).toContain('warning: parallel group pg-2 names task "9.9", which is not in the plan');
  expect(code).toBe(0);
  const lines = rig.lines(WITNESS);
  expect([...begunIn(lines)].sort()).toEqual(['1.1', '1.2', '1.3', '2.1']);
  const [first, second] = begunIn(lines).filter(task => task === '1.1' || task === '1.2');
  expect(lines.indexOf(`end ${first ?? ''}`)).toBeLessThan(lines.indexOf(`begin ${second ?? ''}`));
  expect(lines.indexOf('end 1.1')).toBeLessThan(lines.indexOf('begin 2.1'));
  expect(judge(journalOf(rig.bus), rig.run()).violations).toEqual([]);
  expect(rig.read('plan.md').match(/- \[x\]/g)).toHaveLength(4);
});
