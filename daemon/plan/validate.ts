import { ID_PATTERN, ID_RULE } from '../../bus-schema/ids.js';
import { printable } from '../../bus-schema/printable.js';
import { circlesIn } from './circles.js';
import { MOST_COUNTED, wrong, type Path, type Problem } from './source.js';
import { didYouMean } from './suggest.js';

/** A task as far as its reader got; its id stands under `id`. */
export interface Draft {
  readonly path: Path;
  /** Undefined where the reader has already refused it. */
  readonly id: string | undefined;
  readonly dependsOn: readonly (string | undefined)[];
}

/** Suggestions compare with many ids; beyond so many the file is not mistyped but broken. */
const MOST_SUGGESTIONS = 50;
/** A circle is named in full up to so many tasks. */
const MOST_NAMED = 20;

/**
 * Everything about ids and dependencies that keeps a plan from being run, all at once, as far as anybody counts.
 * @param key under which a task's dependencies stand.
 */
export function validateTasks(drafts: readonly Draft[], listPath: Path, key = 'depends_on'): Problem[] {
  if (drafts.length === 0) {
    return [wrong(listPath, 'the plan has no tasks', 'List at least one task with an id')];
  }
  const first = new Map<string, number>();
  for (const [index, { id }] of drafts.entries()) {
    if (id !== undefined && !first.has(id)) first.set(id, index);
  }
  return [
    ...idProblems(drafts, first),
    ...dependencyProblems(drafts, first, key),
    ...circleProblems(drafts, first, key),
  ];
}

function idProblems(drafts: readonly Draft[], first: ReadonlyMap<string, number>): Problem[] {
  const problems: Problem[] = [];
  const byLowerCase = new Map<string, string>();
  const twice = new Set<number>();
  for (const [index, { id, path }] of drafts.entries()) {
    if (id === undefined) continue;
    if (problems.length >= MOST_COUNTED) break;
    const earlier = first.get(id) ?? index;
    const other = byLowerCase.get(id.toLowerCase());
    if (!ID_PATTERN.test(id))
      problems.push(wrong([...path, 'id'], `"${printable(id, 60)}" is no task id`, `An id is ${ID_RULE}`));
    else if (earlier !== index) {
      // Both places: which of the two is the mistake, only the author knows.
      const { path: earlierPath } = drafts[earlier] ?? { path };
      if (!twice.has(earlier))
        problems.push(wrong([...earlierPath, 'id'], `task id ${id} is used more than once: first here`));
      problems.push(
        wrong(
          [...path, 'id'],
          `task id ${id} is used more than once: again here`,
          'Give each task an id of its own',
        ),
      );
      twice.add(earlier);
    } else if (other !== undefined) {
      const remedy = 'Give each task an id of its own; some file systems take these two for one';
      problems.push(wrong([...path, 'id'], `task ids ${other} and ${id} differ in case only`, remedy));
    } else byLowerCase.set(id.toLowerCase(), id);
  }
  return problems;
}

function dependencyProblems(
  drafts: readonly Draft[],
  first: ReadonlyMap<string, number>,
  key: string,
): Problem[] {
  const problems: Problem[] = [];
  let suggestions = 0;
  for (const { id, path, dependsOn } of drafts) {
    for (const [index, dependency] of dependsOn.entries()) {
      if (dependency === undefined || (dependency !== id && first.has(dependency))) continue;
      if (problems.length >= MOST_COUNTED) return problems;
      const at = [...path, key, index];
      const name = `task ${printable(id ?? '?', 60)}`;
      if (dependency === id) problems.push(wrong(at, `${name} depends on itself`, `Take it out of ${key}`));
      else {
        const near = ++suggestions > MOST_SUGGESTIONS ? undefined : didYouMean(dependency, first.keys());
        problems.push(
          wrong(at, `${name} depends on "${printable(dependency, 60)}", which is not in the plan`, near),
        );
      }
    }
  }
  return problems;
}

function circleProblems(
  drafts: readonly Draft[],
  first: ReadonlyMap<string, number>,
  key: string,
): Problem[] {
  const next = drafts.map(({ id, dependsOn }) =>
    dependsOn.flatMap(dependency => {
      const to = dependency === undefined || dependency === id ? undefined : first.get(dependency);
      return to === undefined ? [] : [to];
    }),
  );
  return circlesIn(next).map(circle => {
    const names = circle.map(index => printable(drafts[index]?.id ?? '?', 60));
    const draft = drafts[circle[0] ?? 0];
    const through = draft?.dependsOn.indexOf(drafts[circle[1] ?? 0]?.id) ?? 0;
    const path = [...(draft?.path ?? []), key, through];
    return wrong(
      path,
      `tasks depend on each other in a circle: ${shortened(names).join(' → ')}`,
      'Take one of these dependencies out',
    );
  });
}

function shortened(names: readonly string[]): string[] {
  const round = [...names, names[0] ?? ''];
  if (round.length <= MOST_NAMED) return round;
  const half = MOST_NAMED / 2;
  return [...round.slice(0, half), `(${round.length - 2 * half} more)`, ...round.slice(-half)];
}
