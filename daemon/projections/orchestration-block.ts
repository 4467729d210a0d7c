import type { Group, Plan, Task } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import { unreachable } from '../../bus-schema/result.js';
import { shortCause } from './short-cause.js';

/** Where a task stands, as far as its line in the status says it. */
export type TaskStand =
  /** Not begun: its plan says what it waits for. */
  | { readonly kind: 'open' }
  | { readonly kind: 'locked' }
  /** Met a file that another holds, and lets all others go first. */
  | { readonly kind: 'deferred' }
  /** Failed, and waits for the attempt of this number. */
  | { readonly kind: 'again'; readonly attempt: number }
  | {
      readonly kind: 'running';
      readonly worker: string;
      /** What it asked for while it runs, and has. */
      readonly locks: readonly RepoPath[];
    }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed'; readonly cause: string }
  | { readonly kind: 'skipped'; readonly because: string }
  | { readonly kind: 'cancelled' };

/** A task that runs, and what it keeps others from. */
export interface Holder {
  readonly task: Task;
  readonly worker: string;
  readonly locks: readonly RepoPath[];
}

/** A run as a daemon knows it, or as somebody does who has only heard of it. */
export interface Orchestration {
  readonly plan: Plan;
  /** By task id; a task that is not in it is open. */
  readonly stands: ReadonlyMap<string, TaskStand>;
  readonly elapsedMs: number;
}

/** Wider than that of the summary, as in the system that the format comes from. */
const RULE = '═'.repeat(59);
/** The tasks of a long plan that are listed: those that run, and what is near them. */
export const MOST_LISTED = 40;
/** Of what a task depends on, so many are named. */
const MOST_NAMED = 3;

/** What the rows are made from. */
interface Picture extends Orchestration {
  /** Place of each task's group among the groups. */
  readonly groupOf: ReadonlyMap<string, number>;
  /** The first group in which anything is left to do; the last one when nothing is. */
  readonly present: number;
  readonly running: readonly Holder[];
}

/** The whole status: a line a task, the present group, the workers, the time. */
export function statusBlock(orchestration: Orchestration, mostListed = MOST_LISTED): string {
  const { plan, elapsedMs } = orchestration;
  const picture = pictureOf(orchestration);
  const active = picture.running.length;
  return [
    RULE,
    'ORCHESTRATION STATUS',
    RULE,
    ...taskLines(picture, mostListed),
    RULE,
    groupLine(picture),
    `Workers: ${active} active | ${Math.max(0, plan.settings.maxParallel - active)} available`,
    `Time elapsed: ${clock(elapsedMs)}`,
    RULE,
    '',
  ].join('\n');
}

export function hasEnded(stand: TaskStand): boolean {
  switch (stand.kind) {
    case 'complete':
    case 'failed':
    case 'skipped':
    case 'cancelled':
      return true;
    case 'open':
    case 'locked':
    case 'deferred':
    case 'again':
    case 'running':
      return false;
    default:
      return unreachable(stand);
  }
}

/** The worker that has a file which a task needs, and that file. */
export function holderOf(
  wanted: Pick<Task, 'id' | 'files' | 'access'>,
  running: Iterable<Holder>,
): { readonly worker: string; readonly path: RepoPath } | undefined {
  for (const { task, worker, locks } of running) {
    if (task.id === wanted.id) continue;
    const shared = task.access === 'read' && wanted.access === 'read';
    const theirs = shared ? locks : [...task.files, ...locks];
    const path = wanted.files.find(mine => theirs.some(each => overlaps(mine, each)));
    if (path !== undefined) return { worker, path };
  }
  return undefined;
}

const OPEN: TaskStand = { kind: 'open' };

const standIn = ({ stands }: Orchestration, id: string): TaskStand => stands.get(id) ?? OPEN;

function pictureOf(orchestration: Orchestration): Picture {
  const { tasks, groups } = orchestration.plan;
  const groupOf = new Map(groups.flatMap((group, place) => group.tasks.map(id => [id, place])));
  const unfinished = ({ tasks: ids }: Group): boolean =>
    ids.some(id => !hasEnded(standIn(orchestration, id)));
  const first = groups.findIndex(unfinished);
  return {
    ...orchestration,
    groupOf,
    present: first === -1 ? groups.length - 1 : first,
    running: tasks.flatMap(task => {
      const stand = standIn(orchestration, task.id);
      return stand.kind === 'running' ? [{ task, worker: stand.worker, locks: stand.locks }] : [];
    }),
  };
}

function taskLines(picture: Picture, mostListed: number): string[] {
  const { tasks } = picture.plan;
  if (tasks.length <= mostListed) return tasks.map(task => taskLine(picture, task));
  const rings: Task[][] = [[], [], [], [], []];
  for (const task of tasks) rings[distanceOf(picture, task)]?.push(task);
  const near = new Set(rings.flat().slice(0, mostListed));
  const rest = tasks.filter(task => !near.has(task));
  return [
    ...tasks.filter(task => near.has(task)).map(task => taskLine(picture, task)),
    `… and ${rest.length} more: ${tally(picture, rest).join(' | ')}`,
  ];
}

/** How far a task is from what goes on now: what runs, the rest of its group, what comes, what was. */
function distanceOf(picture: Picture, { id }: Task): 0 | 1 | 2 | 3 | 4 {
  const stand = standIn(picture, id);
  if (stand.kind === 'running') return 0;
  if (picture.groupOf.get(id) === picture.present) return hasEnded(stand) ? 2 : 1;
  return hasEnded(stand) ? 4 : 3;
}

function taskLine(picture: Picture, task: Task): string {
  const { id } = task;
  const stand = standIn(picture, id);
  switch (stand.kind) {
    case 'complete':
      return `✓ ${id}: ${task.title === '' || task.title === id ? 'Completed' : printable(task.title, 80)}`;
    case 'running':
      return `⚡ ${id}: Running on ${printable(stand.worker)}`;
    case 'failed':
      return `✗ ${id}: ${shortCause(stand.cause)}`;
    case 'deferred':
      return `⏳ ${id}: Deferred (file locked)`;
    case 'again':
      return `⏳ ${id}: Waiting for its retry (attempt ${stand.attempt} of ${task.retries + 1})`;
    case 'locked': {
      const holder = holderOf(task, picture.running);
      const by = holder === undefined ? '' : ` by ${printable(holder.worker)}`;
      return `⏳ ${id}: Waiting (file locked${by})`;
    }
    case 'skipped':
      return `– ${id}: Skipped (${printable(stand.because)} ${whatBecame(picture, stand.because)})`;
    case 'cancelled':
      return `– ${id}: Cancelled`;
    case 'open':
      return `⏳ ${id}: ${waitWords(picture, task)}`;
    default:
      return unreachable(stand);
  }
}

function whatBecame(picture: Picture, cause: string): string {
  return standIn(picture, cause).kind === 'cancelled' ? 'cancelled' : 'failed';
}

/** What a task that has not begun waits for: others, its group's turn, or a worker. */
function waitWords(picture: Picture, { id, dependsOn }: Task): string {
  const needed = dependsOn.filter(each => standIn(picture, each).kind !== 'complete');
  if (needed.length > 0) {
    const names = needed.slice(0, MOST_NAMED).join(', ');
    const more = needed.length > MOST_NAMED ? ` and ${needed.length - MOST_NAMED} more` : '';
    return `Pending (depends on ${names}${more})`;
  }
  const ahead = (picture.groupOf.get(id) ?? picture.present) - picture.present;
  if (ahead <= 0 || picture.plan.settings.schedule !== 'waves') return 'Queued for a free worker';
  const group = picture.plan.groups[picture.present + ahead];
  return ahead === 1 || group === undefined
    ? 'Queued for next group'
    : `Queued for group ${printable(group.id)}`;
}

function groupLine(picture: Picture): string {
  const { plan, present } = picture;
  const group = plan.groups[present];
  const name = group === undefined ? 'Tasks' : `Group ${printable(group.id)}`;
  const ids = new Set(group?.tasks);
  const members = group === undefined ? plan.tasks : plan.tasks.filter(({ id }) => ids.has(id));
  return `${name}: ${tally(picture, members, ['completed', 'running', 'pending']).join(' | ')}`;
}

type Heading = 'completed' | 'running' | 'pending' | 'failed' | 'skipped' | 'cancelled';

/** How many tasks stand where: `2 completed`, `1 running`; of `always` also if there is none. */
function tally(picture: Picture, tasks: readonly Task[], always: readonly Heading[] = []): string[] {
  const counts = { completed: 0, running: 0, pending: 0, failed: 0, skipped: 0, cancelled: 0 };
  for (const { id } of tasks) counts[headingOf(standIn(picture, id))]++;
  const headings = Object.keys(counts) as Heading[];
  return headings
    .filter(heading => counts[heading] > 0 || always.includes(heading))
    .map(heading => `${counts[heading]} ${heading}`);
}

function headingOf({ kind }: TaskStand): Heading {
  switch (kind) {
    case 'complete':
      return 'completed';
    case 'open':
    case 'locked':
    case 'deferred':
    case 'again':
      return 'pending';
    case 'running':
    case 'failed':
    case 'skipped':
    case 'cancelled':
      return kind;
    default:
      return unreachable(kind);
  }
}

/** `00:42`, `12:07`, `1:02:03`. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${hours > 0 ? `${hours}:` : ''}${two(minutes % 60)}:${two(seconds % 60)}`;
}
