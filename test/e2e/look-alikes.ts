import { buoys, ferry, harbour, lighthouse } from './conductor-texts.js';

/** A conductor plan in one of the shapes that people write, and what is true of it. */
export interface LookAlike {
  /** What is special about it. */
  readonly shape: string;
  readonly text: string;
  readonly taskCount: number;
  /** Tasks that it says are done. */
  readonly done: readonly string[];
  /** Tasks at once when none is done and five may run. */
  readonly peak: number;
  /** Boxes of the tasks that it says are not done, as they stand there. */
  readonly open: readonly string[];
}

export const LOOK_ALIKES: readonly LookAlike[] = [
  {
    shape: 'block lists, all ticked',
    text: harbour,
    taskCount: 5,
    done: ['1.1', '1.2', '2.1', '2.2', '3.1'],
    peak: 2,
    open: [],
  },
  {
    shape: 'globs, half ticked, boxes of other lists',
    text: lighthouse,
    taskCount: 7,
    done: ['0.1', '0.2'],
    peak: 2,
    open: ['- [ ] Task 1.1:', '- [~] Task 2.1:', '- [ ] Task 2.2:', '- [!] Task 2.3:', '- [ ] Task 3.1:'],
  },
  {
    shape: 'dependencies only',
    text: ferry,
    taskCount: 6,
    done: [],
    peak: 3,
    open: ['1.1', '1.2', '2.1', '2.2', '3.1', '4.1'].map(id => `- [ ] Task ${id}:`),
  },
  {
    shape: 'shared files, CRLF',
    text: buoys,
    taskCount: 7,
    done: [],
    peak: 2,
    open: [
      ...['1. [ ] **1.1**', '2. [ ] **1.2**', '3. [ ] **1.3**'],
      ...['2.1', '3.1', '4.1', '4.2'].map(id => `* [ ] **${id}**`),
    ],
  },
];
