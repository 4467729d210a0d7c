import { printable } from '../../bus-schema/printable.js';
import type { Reading } from './fields.js';
import { refuse, warn } from './markdown-source.js';
import type { Written } from './markdown-tasks.js';
import { didYouMean } from './suggest.js';
import { readDependencies } from './tasks-file-dependencies.js';
import { refsIn, type TaskRoster, type Wrong } from './tasks-file-refs.js';
import type { FoundGroup, TasksFileScan } from './tasks-file-scan.js';

/** What each task depends on, as ids with the line that says so; ids that no task has among them. */
export type Edges = readonly ReadonlyMap<string, number>[];

/** Collects all that a tasks file says of its order: below tasks, below groups, and in sections of its own. */
export function dependenciesOf(
  reading: Reading,
  lines: readonly string[],
  scan: TasksFileScan,
  roster: TaskRoster,
): Edges {
  const edges = scan.tasks.map(() => new Map<string, number>());
  const indexes = new Map<string, number>();
  for (const [index, { id }] of scan.tasks.entries()) if (!indexes.has(id)) indexes.set(id, index);
  const bad = (line: number, { message, remedy }: Wrong, who: string): void =>
    refuse(reading, line, `${who}${message}`, remedy);
  const add = (after: string, before: string, line: number): void => {
    const index = indexes.get(after);
    if (index !== undefined) {
      if (edges[index]?.has(before) === false) edges[index].set(before, line);
      return;
    }
    const message = `task ${printable(after, 60)}, which is said to wait for ${printable(before, 60)}, is not in the plan`;
    refuse(reading, line, message, didYouMean(after, roster.ids));
  };
  const refs = (who: string, written: readonly Written[], take: (id: string, line: number) => void): void => {
    for (const { text, line } of written) {
      const { ids, prose, wrong } = refsIn(text, roster);
      for (const id of ids) take(id, line);
      for (const each of wrong) bad(line, each, `${who}: `);
      const [first] = prose;
      if (first === undefined) continue;
      const message = `${who}: "${first}" among its dependencies names no task and is passed over`;
      warn(reading, line, message, 'Put remarks in parentheses');
    }
  };
  for (const [index, task] of scan.tasks.entries()) {
    const own = edges[index];
    refs(`task ${task.id}`, task.dependsOn, (id, line) => {
      if (own?.has(id) === false) own.set(id, line);
    });
    refs(`task ${task.id}`, task.blocks, (id, line) => add(id, task.id, line));
  }
  addGroups(reading, scan, roster, edges);
  const said = readDependencies(lines, scan.dependencySections, roster);
  for (const { before, after, line } of said.orders) add(after, before, line);
  for (const { line, ...each } of said.wrong) bad(line, each, '');
  return edges;
}

/** All of a group waits for all of those it depends on, which it names exactly. */
function addGroups(
  reading: Reading,
  { tasks, groups }: TasksFileScan,
  roster: TaskRoster,
  edges: readonly Map<string, number>[],
): void {
  const byName = new Map<string, FoundGroup>();
  for (const group of groups)
    for (const name of group.names) if (!byName.has(nameKey(name))) byName.set(nameKey(name), group);
  const members = new Map<FoundGroup, number[]>(groups.map(group => [group, []]));
  for (const [index, { group }] of tasks.entries()) if (group !== undefined) members.get(group)?.push(index);
  for (const group of groups) {
    for (const { text, line } of group.dependsOn) {
      for (const name of groupNames(text, byName)) {
        const before = byName.get(nameKey(name));
        const who = `group ${group.name}`;
        if (before === undefined) {
          const message = `${who} depends on "${printable(name, 60)}", which is no group of the plan`;
          refuse(
            reading,
            line,
            message,
            didYouMean(
              name,
              groups.map(each => each.name),
            ),
          );
        } else if (before === group) {
          refuse(reading, line, `${who} depends on itself`, 'Take it out of Depends on');
        } else {
          for (const after of members.get(group) ?? [])
            for (const index of members.get(before) ?? [])
              if (--roster.left >= 0) edges[after]?.set(tasks[index]?.id ?? '', line);
        }
      }
    }
  }
}

const nameKey = (name: string): string => name.trim().toLowerCase();

/** A name may have a comma in it: first as it stands, then piece by piece. */
function groupNames(text: string, byName: ReadonlyMap<string, FoundGroup>): string[] {
  const bare = text.replace(/[`*[\]"]/g, '').trim();
  if (/^(?:none|no|nothing|n\/a|[-–—]*)(?:$|[\s(.,])/i.test(bare)) return [];
  if (byName.has(nameKey(bare))) return [bare];
  return bare
    .split(/[,;]/)
    .map(name => name.replace(/\s\([^()]*\)\s*$/, '').trim())
    .filter(name => name !== '');
}
