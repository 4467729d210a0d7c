import type { RunId } from './ids.js';

/** Where everything stands in the session folder of a run, relative to it. */
export const workspaceLayout = {
  messages: 'messages',
  locks: 'locks',
  context: 'context.json',
  progress: 'progress.txt',
  executionPlan: 'execution-plan.json',
  /** @param who `worker-1` …, `scout` or `task-manager`. */
  inbox: (who: string): string => `messages/${who}-inbox.json`,
  outbox: (who: string): string => `messages/${who}-outbox.json`,
  lock: (name: string): string => `locks/${name}`,
} as const;

/** A task as its worker's inbox has it. */
export interface InboxTask {
  readonly id: string;
  readonly title: string;
  /** `P0` … `P3`. */
  readonly priority: string;
  readonly type?: string;
  readonly files: readonly string[];
  /** 1, 2 … */
  readonly attempt: number;
  readonly timeout_ms: number;
}

/** `messages/worker-N-inbox.json`. */
export interface Inbox {
  readonly worker_id: string;
  readonly session_folder: string;
  readonly tasks: readonly InboxTask[];
}

/** `messages/worker-N-outbox.json`. */
export interface Outbox {
  readonly worker_id: string;
  /** UTC, ISO 8601, ending in `Z`. */
  readonly timestamp: string;
  readonly tasks_completed: readonly {
    readonly id: string;
    readonly status: 'success';
    readonly duration_ms: number;
  }[];
  readonly tasks_failed: readonly {
    readonly id: string;
    readonly status: 'failed';
    readonly error: string;
  }[];
}

/** What a session folder shall say of its run now. */
export interface WorkspaceView {
  /** Absolute. */
  readonly folder: string;
  readonly run: RunId;
  /** Epoch milliseconds at which the run began: messages and locks that are older are of an earlier one. */
  readonly since: number;
  readonly boxes: readonly { readonly inbox: Inbox; readonly outbox: Outbox }[];
  /** Path → worker id. */
  readonly locks: ReadonlyMap<string, string>;
  readonly progress: string;
}

/** Files that this program makes and an agent may make in its place carry this; one without it is left alone. */
export const OWN_MARK = { generated_by: 'signalbox' } as const;
