import { z } from 'zod';

/**
 * What holds a worker and everything it starts together, so that all of it can be found again and ended; the best first.
 *
 * - `cgroup`: a control group of its own, which the kernel empties.
 * - `reaper`: a process above the worker that inherits every orphan, so that nothing leaves its family.
 * - `namespace`: a pid namespace of its own, which ends as a whole. It hides the machine's other processes from commands.
 * - `group`: nothing. What is left is looked for by process group, descent and a mark in the environment.
 */
export const CONTAINMENTS = ['cgroup', 'reaper', 'namespace', 'group'] as const;
export type ContainmentKind = (typeof CONTAINMENTS)[number];

/** `auto`: the best that there is. */
export const containmentSettingSchema = z.enum(['auto', ...CONTAINMENTS]);
export type ContainmentSetting = z.infer<typeof containmentSettingSchema>;

/** What each of them is, and what escapes it, for those who ask. */
export const CONTAINMENT_WORDS: Readonly<Record<ContainmentKind, string>> = {
  cgroup: 'a control group around each worker',
  reaper: 'a process above each worker that inherits its orphans',
  namespace: 'a pid namespace around each worker',
  group:
    'process group + descent + environment marker; a child that cleared its environment and left the session escapes it',
};
