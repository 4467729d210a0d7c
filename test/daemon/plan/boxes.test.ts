import { describe, expect, test } from '@jest/globals';
import { tickBoxes, tickedIds } from '../../../daemon/plan/boxes.js';

const SHA = '1a2b3c4d';
/** Beside it any box may be a task's. */
const DAG = '```yaml\ndag:\n```\n';

describe('whose box it is', () => {
  test.each([
    ['- [x] Task 1.1: Create it', '1.1'],
    ['- [x] Task 1.1 Create it', '1.1'],
    ['* [X] 1.1 Create it', '1.1'],
    ['+ [x] **1.1** Create it', '1.1'],
    ['- [x] **Task 1.1: Create it**', '1.1'],
    ['- [x] **Task 1.1**: Create it', '1.1'],
    ['- [x] `1.1` Create it', '1.1'],
    ['- [x] 1.1. Create it', '1.1'],
    ['- [x] 1.1) Create it', '1.1'],
    ['- [x] 1.1 — Create it', '1.1'],
    ['1. [x] task T001: Create it', 'T001'],
    ['    - [x] Task 1.1: indented\r', '1.1'],
    ['- [x] UI-1: Confirm', 'UI-1'],
    ['- [x] Task 3: Name', '3'],
    ['- [x] setup: Name', 'setup'],
  ])('%s', (line, id) => {
    expect(tickedIds(line)).toContain(id);
    expect(tickBoxes(DAG + line.replace(/\[x\]/i, '[ ]'), new Map([[id, undefined]]))).toBe(
      DAG + line.replace('[X]', '[x]'),
    );
  });

  test.each([
    ['- [x] 3 files moved', '3'],
    ['- [x] setup works', 'setup'],
    ['- [x] all of 1.1 is tested', '1.1'],
    ['- [x] Task 1.10: another', '1.1'],
    ['- [~] Task 1.1: under way', '1.1'],
    ['- [!] Task 1.1: blocked', '1.1'],
    ['- [ ] Task 1.1: open', '1.1'],
    ['[x] Task 1.1: no list item', '1.1'],
    ['- [x]Task 1.1: no space', '1.1'],
    ['```\n- [x] Task 1.1: in a fence\n```', '1.1'],
    ['  ~~~\n- [x] Task 1.1: in a fence without an end', '1.1'],
    ['<!--\n- [x] Task 1.1: in a comment\n-->', '1.1'],
  ])('%s is not a ticked box of the task', (text, id) => {
    expect(tickedIds(text).has(id)).toBe(false);
  });

  test('ticked here and open there is not done', () => {
    expect(tickedIds('- [x] Task 1.1: a\n- [ ] Task 1.1: b\n- [x] Task 1.1: c').has('1.1')).toBe(false);
  });

  test('where the plan is in a fence, so are its boxes', () => {
    const plan = '````md\n```yaml\ndag:\n```\n- [ ] Task 1.1: a\n````\n- [ ] Task 1.1: b\n';
    expect(tickBoxes(plan, new Map([['1.1', undefined]]))).toBe(
      plan.replace('[ ] Task 1.1: a', '[x] Task 1.1: a'),
    );
  });
});

describe('ticking', () => {
  test('open boxes of completed tasks, with their commit; nothing else is touched', () => {
    const before = [
      '# Plan \r',
      '- [ ] Task 1.1: one\r',
      '\t* [~] **1.2** two  ',
      '- [!] Task 1.3: three',
      '- [x] Task 1.4: four',
      '- [ ] Task 1.5: not yet',
      '- [ ] Task 1.6: six <!-- deps: none -->',
      '```',
      '- [ ] Task 1.1: sample',
      '```',
      'end without a line end',
    ].join('\n');
    const after = [
      '# Plan \r',
      `- [x] Task 1.1: one <!-- ${SHA} -->\r`,
      '\t* [x] **1.2** two  ',
      `- [x] Task 1.3: three <!-- ${SHA} -->`,
      '- [x] Task 1.4: four',
      '- [ ] Task 1.5: not yet',
      `- [x] Task 1.6: six <!-- deps: none --> <!-- ${SHA} -->`,
      '```',
      '- [ ] Task 1.1: sample',
      '```',
      'end without a line end',
    ].join('\n');
    const completed = new Map([
      ['1.1', SHA],
      ['1.2', undefined],
      ['1.3', SHA],
      ['1.4', SHA],
      ['1.6', SHA],
    ]);
    expect(tickBoxes(DAG + before, completed)).toBe(DAG + after);
    expect(tickBoxes(DAG + after, completed)).toBe(DAG + after);
  });

  test('a commit that is there already is not named again', () => {
    expect(tickBoxes(`- [ ] 1.1: a <!-- ${SHA} -->`, new Map([['1.1', SHA]]))).toBe(
      `- [x] 1.1: a <!-- ${SHA} -->`,
    );
  });

  test('only a commit goes into the file, whatever a worker says', () => {
    expect(tickBoxes('- [ ] 1.1: a', new Map([['1.1', '--> <script>']]))).toBe('- [x] 1.1: a');
  });
});

describe('without a DAG, the boxes of the tasks that are read, and no others', () => {
  test('a box, a box with a heading, a fix whose boxes stand below it', () => {
    const before = [
      '### Task 1: Lay the keel',
      '- [ ] Step 1: measure',
      '- [ ] 1: saw',
      '- [ ] Task 2: Plank her <!-- deps: 1, parallel: pg-1 -->\r',
      '  - [ ] Task is seaworthy',
      '* [~] **2.1** Caulk',
      '## Fix Phase (Cycle 1)',
      '### Fix 1: A leak',
      '- [!] close it',
      '## Discovered Work',
      '- [ ] Task 2: Plank her twice',
      '- [ ] Task 3: Paint',
    ].join('\n');
    const completed = new Map(['1', '2', '2.1', 'fix-1', '3'].map(id => [id, SHA]));
    const after = before
      .replace(
        '[ ] Task 2: Plank her <!-- deps: 1, parallel: pg-1 -->',
        `[x] Task 2: Plank her <!-- deps: 1, parallel: pg-1 --> <!-- ${SHA} -->`,
      )
      .replace('[~] **2.1** Caulk', `[x] **2.1** Caulk <!-- ${SHA} -->`)
      .replace('[!] close it', `[x] close it <!-- ${SHA} -->`);
    expect(tickBoxes(before, completed)).toBe(after);
    expect(tickBoxes(after, completed)).toBe(after);
  });
});
