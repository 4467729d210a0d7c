import { spawnSync } from 'node:child_process';
import { CONTAINMENTS, type ContainmentKind, type ContainmentSetting } from '../../bus-schema/containment.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, unreachable, type Result } from '../../bus-schema/result.js';
import { ownCgroup, removeCgroup, sweepCgroups } from '../../bus-schema/store/cgroup.js';
import { listedChildren } from '../../bus-schema/store/process-family.js';
import { CGROUP_PREFIX, launchAs, type Launch } from './launch.js';

/** A machine that takes longer is too busy for it. */
const LONGEST_TRIAL_MS = 5000;

const tried = new Map<ContainmentKind, Result<true, string>>();

/** Whether workers can be held together so; the error says why not. Found out by doing it, once in a process's life. */
export function isToBeHad(kind: ContainmentKind): Result<true, string> {
  const known = tried.get(kind);
  if (known !== undefined) return known;
  const found = attempt(kind);
  tried.set(kind, found);
  return found;
}

/** Settles a setting: the best that is to be had, or what was asked for. The error says why not, and what there is. */
export function chooseContainment(
  setting: ContainmentSetting,
): Result<ContainmentKind, { readonly message: string; readonly remedy: string }> {
  if (setting === 'auto') return ok(CONTAINMENTS.find(kind => isToBeHad(kind).ok) ?? 'group');
  const asked = isToBeHad(setting);
  if (asked.ok) return ok(setting);
  const there = ['auto', ...CONTAINMENTS.filter(kind => isToBeHad(kind).ok)];
  const message = `containment "${setting}" is not to be had here: ${printable(asked.error, 200)}`;
  return fail({ message, remedy: `There is ${there.join(', ')}` });
}

/** Prepares a worker's start. What is not to be had for this one (too many control groups) is done without. */
export function launch(kind: ContainmentKind): Launch {
  try {
    return launchAs(kind, kind === 'cgroup' ? ownCgroup() : undefined);
  } catch {
    return launchAs('group', undefined);
  }
}

function attempt(kind: ContainmentKind): Result<true, string> {
  if (kind === 'group') return ok(true);
  if (process.platform !== 'linux') return fail('only Linux has it');
  const absent = whatIsMissing(kind);
  if (absent !== undefined) return fail(absent);
  const parent = kind === 'cgroup' ? ownCgroup() : undefined;
  let folder: string | undefined;
  try {
    const { prefix, argument } = launchAs(kind, parent);
    folder = parent === undefined ? undefined : argument.slice('cgroup:'.length);
    const [program = '', ...args] = prefix;
    const { error, status, signal, stderr } = spawnSync(program, [...args, '/bin/sh', '-c', ':'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: LONGEST_TRIAL_MS,
      killSignal: 'SIGKILL',
    });
    if (error === undefined && status === 0) {
      if (parent !== undefined) sweepCgroups(parent, CGROUP_PREFIX);
      return ok(true);
    }
    const said = (stderr as string | null)?.trim().split('\n')[0] ?? '';
    return fail(error?.message ?? (said === '' ? `${program} ended with ${signal ?? status}` : said));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    if (folder !== undefined) removeCgroup(folder);
  }
}

function whatIsMissing(kind: Exclude<ContainmentKind, 'group'>): string | undefined {
  switch (kind) {
    case 'cgroup':
      return ownCgroup() === undefined ? 'there is no control group of version 2' : undefined;
    case 'reaper':
      return listedChildren(process.pid) === undefined
        ? 'the kernel lists no children in /proc (CONFIG_PROC_CHILDREN)'
        : undefined;
    case 'namespace':
      return undefined;
    default:
      return unreachable(kind);
  }
}
