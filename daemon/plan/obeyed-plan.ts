import { z } from 'zod';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan, AskedTask, Group } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { overlaps } from '../../bus-schema/repo-path.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { OWN_MARK } from '../../bus-schema/workspace.js';
import { readJson } from './json-source.js';
import type { PlanReading } from './reading.js';
import { Problems, toDiagnostics, wrong, type Path } from './source.js';
import { didYouMean } from './suggest.js';
import { tooLate } from './wave-order.js';
import { wavesOf } from './waves.js';

/** What counts of an `execution-plan.json` that somebody else wrote; what else stands there is passed over. */
const executionPlanSchema = z.looseObject({
  groups: z.array(
    z.looseObject({
      id: z.union([z.string(), z.number()]).optional(),
      /** False: its tasks run one after the other, as they are listed. */
      parallel: z.boolean().optional(),
      tasks: z.array(
        z.union([z.string(), z.looseObject({ id: z.string() })], 'a task is its id, or a mapping with an id'),
      ),
    }),
  ),
});
type Written = z.infer<typeof executionPlanSchema>;

/** Pairs of files in groups that are compared; a shared file is worth a warning only. */
const MOST_COMPARED = 200_000;
const SUGGESTIONS = 20;

/**
 * A plan with the groups of an `execution-plan.json`, one after the other. A file that this program wrote itself changes
 * nothing: it says what the plan says.
 */
export function obeyExecutionPlan(
  asked: AskedPlan,
  text: string,
  file: string,
): Result<PlanReading, Diagnostic[]> {
  const source = readJson(text.replace(/^\ufeff/, ''), file);
  if (!source.ok) return source;
  const { value } = source.value;
  if (isOurs(value)) return ok({ plan: asked, warnings: [] });
  const parsed = executionPlanSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const steps = path.map(step => (typeof step === 'symbol' ? String(step) : step));
      const where = steps.length === 0 ? 'the execution plan' : printable(steps.join('.'), 100);
      return wrong(steps, `${where}: ${printable(message.charAt(0).toLowerCase() + message.slice(1))}`);
    });
    return fail(toDiagnostics(source.value, problems));
  }
  const arranged = new Arrangement(asked, parsed.data);
  const diagnostics = toDiagnostics(source.value, arranged.problems.all);
  if (arranged.problems.hasErrors) return fail(diagnostics);
  const { tasks, groups } = arranged;
  return ok({ plan: { ...asked, tasks, groups }, warnings: diagnostics });
}

function isOurs(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'generated_by' in value &&
    value.generated_by === OWN_MARK.generated_by
  );
}

interface Spot {
  readonly wave: number;
  readonly group: string;
  readonly path: Path;
}

/** The tasks of a plan in the groups of an execution plan, and what is wrong with that. */
class Arrangement {
  readonly problems = new Problems();
  readonly groups: Group[] = [];
  readonly tasks: AskedTask[];
  readonly #byId: ReadonlyMap<string, AskedTask>;
  readonly #spots = new Map<string, Spot>();
  #compared = 0;
  #suggested = 0;

  constructor(asked: AskedPlan, { groups }: Written) {
    this.#byId = new Map(asked.tasks.map(task => [task.id, task]));
    let wave = 0;
    for (const [index, group] of groups.entries()) wave = this.#place(group, index, wave);
    this.tasks = this.#waved(asked.tasks, wave);
    for (const { task, dependency } of tooLate(this.tasks)) {
      const [own, other] = [this.#spots.get(task.id), this.#spots.get(dependency.id)];
      const place = other === undefined ? 'in no group, and so behind all of them' : `in ${other.group}`;
      const message = `task ${task.id} in ${own?.group ?? 'no group'} depends on task ${dependency.id}, which is ${place}`;
      this.problems.push(
        wrong(
          own?.path ?? other?.path ?? [],
          message,
          'Put it into an earlier group than what depends on it',
        ),
      );
    }
  }

  #place({ id, parallel, tasks }: Written['groups'][number], index: number, first: number): number {
    const name = printable(String(id ?? `G${index + 1}`), 60);
    const members: AskedTask[] = [];
    let wave = first;
    for (const [position, written] of tasks.entries()) {
      const path: Path = ['groups', index, 'tasks', position];
      const named = typeof written === 'string' ? written : written.id;
      const task = this.#byId.get(named);
      const earlier = this.#spots.get(named);
      if (task === undefined)
        this.#warn(
          path,
          `group ${name} names task "${printable(named, 60)}", which is not in the plan`,
          this.#near(named),
        );
      else if (earlier !== undefined)
        this.problems.push(
          wrong(
            path,
            `task ${named} is in ${earlier.group} and again in group ${name}`,
            'Name each task once',
          ),
        );
      else {
        this.#spots.set(named, { wave, group: `group ${name}`, path });
        members.push(task);
        if (parallel === false) wave++;
      }
    }
    const shared = parallel === false ? undefined : this.#sharedFile(members);
    if (shared !== undefined)
      this.#warn(['groups', index], `group ${name}: ${shared}`, 'They will run one after the other');
    this.groups.push({ id: name, tasks: members.map(task => task.id), conflictFree: shared === undefined });
    return parallel === false ? wave : wave + 1;
  }

  /** Tasks in no group come last; one that is done has no wave to wait for, and is in the first that it may be in. */
  #waved(tasks: readonly AskedTask[], last: number): AskedTask[] {
    const waves = new Map<string, number>();
    for (const id of wavesOf(tasks).flat()) {
      const task = this.#byId.get(id);
      const before = (task?.dependsOn ?? []).map(dependency => waves.get(dependency) ?? 0);
      const least = before.reduce((late, wave) => Math.max(late, wave), 0);
      waves.set(id, this.#spots.get(id)?.wave ?? (task?.done === true ? least : last));
    }
    const left = tasks.filter(task => !task.done && !this.#spots.has(task.id)).map(task => task.id);
    if (left.length > 0) {
      const [are, come] =
        left.length === 1 ? ['task', 'is in no group, and comes'] : ['tasks', 'are in no group, and come'];
      const named = `${left.slice(0, SUGGESTIONS).join(', ')}${left.length > SUGGESTIONS ? ` and ${left.length - SUGGESTIONS} more` : ''}`;
      this.#warn(['groups'], `${are} ${named} ${come} behind all groups`, 'Name each task in a group');
    }
    return tasks.map(task => ({ ...task, wave: waves.get(task.id) ?? last }));
  }

  #sharedFile(tasks: readonly AskedTask[]): string | undefined {
    for (const [index, one] of tasks.entries()) {
      for (const other of tasks.slice(index + 1)) {
        if (one.access === 'read' && other.access === 'read') continue;
        this.#compared += one.files.length * other.files.length;
        if (this.#compared > MOST_COMPARED) return undefined;
        const file = one.files.find(path => other.files.some(otherPath => overlaps(path, otherPath)));
        if (file !== undefined) return `tasks ${one.id} and ${other.id} share ${printable(file, 100)}`;
      }
    }
    return undefined;
  }

  #near(id: string): string | undefined {
    return ++this.#suggested > SUGGESTIONS ? undefined : didYouMean(id, this.#byId.keys());
  }

  #warn(path: Path, message: string, remedy?: string): void {
    this.problems.push({ ...wrong(path, message, remedy), severity: 'warning' });
  }
}
