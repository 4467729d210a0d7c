import { describe, expect, test } from '@jest/globals';
import { tickBoxes, tickedIds } from '../../../daemon/plan/boxes.js';

const SHA = '1a2b3c4d';

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
    expect(tickBoxes(line.replace(/\[x\]/i, '[ ]'), new Map([[id, undefined]]))).toBe(
      line.replace('[X]', '[x]'),
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
    expect(tickBoxes(before, completed)).toBe(after);
    expect(tickBoxes(after, completed)).toBe(after);
  });

  test('a commit that is there already is not named again', () => {
    expect(tickBoxes(`- [ ] 1.1 a <!-- ${SHA} -->`, new Map([['1.1', SHA]]))).toBe(
      `- [x] 1.1 a <!-- ${SHA} -->`,
    );
  });

  test('only a commit goes into the file, whatever a worker says', () => {
    expect(tickBoxes('- [ ] 1.1 a', new Map([['1.1', '--> <script>']]))).toBe('- [x] 1.1 a');
  });
});
