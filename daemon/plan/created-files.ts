import type { TaskId } from '../../bus-schema/ids.js';
import type { RepoPath } from '../../bus-schema/repo-path.js';

/** A task, the files it uses and those of them that it makes. */
export interface Maker {
  readonly id: TaskId;
  readonly files: readonly RepoPath[];
  readonly creates: ReadonlySet<RepoPath>;
  readonly dependsOn: readonly TaskId[];
}

/** One task makes a file, the other uses it. */
export interface Use {
  readonly maker: number;
  readonly user: number;
  readonly path: RepoPath;
}

export interface CreationOrder {
  /** The user has to wait, and nothing said so. */
  readonly added: readonly Use[];
  /** It cannot wait: the maker waits for it. */
  readonly contradicted: readonly Use[];
  /** Both make the file. */
  readonly twice: readonly Use[];
  /** There was more to follow than can be followed. */
  readonly unfinished: boolean;
}

/** Steps from task to task, over all files. */
const MOST_STEPS = 5_000_000;

/** Who has to wait for whom because of files that tasks make: only what neither dependencies nor earlier files say. */
export function creationOrder(tasks: readonly Maker[]): CreationOrder {
  const order = { added: [] as Use[], contradicted: [] as Use[], twice: [] as Use[], unfinished: false };
  const graph = new Graph(tasks);
  const users = usersOf(tasks);
  const made = new Map<RepoPath, number>();
  for (const [maker, task] of tasks.entries()) {
    for (const path of task.creates) {
      const first = made.get(path);
      if (first !== undefined) order.twice.push({ maker: first, user: maker, path });
      made.set(path, first ?? maker);
    }
    if (order.unfinished) continue;
    const uses: Use[] = [];
    for (const path of task.creates) {
      const found = users.get(path) ?? [];
      graph.stepsLeft -= found.length;
      if (graph.stepsLeft < 0) break;
      for (const user of found) uses.push({ maker, user, path });
    }
    order.unfinished = graph.stepsLeft < 0;
    if (uses.length === 0) continue;
    const before = graph.reach(maker, 'before');
    const after = graph.reach(maker, 'after');
    order.unfinished = graph.stepsLeft < 0;
    if (order.unfinished) continue;
    for (const use of uses) {
      if (before.has(use.user)) order.contradicted.push(use);
      else if (!after.has(use.user)) {
        graph.add(maker, use.user);
        // What waits for the user waits for the maker from now on.
        for (const behind of graph.reach(use.user, 'after')) after.add(behind);
        after.add(use.user);
        order.added.push(use);
      }
    }
  }
  return order;
}

/** Who uses each file without making it. */
function usersOf(tasks: readonly Maker[]): Map<RepoPath, number[]> {
  const users = new Map<RepoPath, number[]>();
  for (const [index, task] of tasks.entries()) {
    for (const path of new Set(task.files)) {
      if (task.creates.has(path)) continue;
      const known = users.get(path);
      if (known === undefined) users.set(path, [index]);
      else known.push(index);
    }
  }
  return users;
}

class Graph {
  readonly #next: { readonly before: number[][]; readonly after: number[][] };
  stepsLeft = MOST_STEPS;

  constructor(tasks: readonly Maker[]) {
    this.#next = { before: tasks.map(() => []), after: tasks.map(() => []) };
    const indexes = new Map(tasks.map(({ id }, index) => [id, index]));
    for (const [index, { dependsOn }] of tasks.entries())
      for (const id of dependsOn) this.add(indexes.get(id) ?? index, index);
  }

  add(from: number, to: number): void {
    this.#next.after[from]?.push(to);
    this.#next.before[to]?.push(from);
  }

  /** All tasks that must end before one, or start after it. */
  reach(from: number, direction: 'before' | 'after'): Set<number> {
    const reached = new Set<number>();
    const open = [from];
    for (let at = open.pop(); at !== undefined && this.stepsLeft >= 0; at = open.pop()) {
      for (const next of this.#next[direction][at] ?? []) {
        this.stepsLeft--;
        if (reached.has(next)) continue;
        reached.add(next);
        open.push(next);
      }
    }
    return reached;
  }
}
