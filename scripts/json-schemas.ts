import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { answerSchema, commandSchema } from '../bus-schema/command.js';
import { configSchema } from '../bus-schema/config.js';
import { journalRecordSchema } from '../bus-schema/fact.js';
import { historySchema } from '../bus-schema/history.js';
import { claimSchema, leaseSchema } from '../bus-schema/lease.js';
import { messageSchema } from '../bus-schema/message.js';
import { outcomeSchema } from '../bus-schema/outcome.js';
import { planSchema } from '../bus-schema/plan.js';
import { runReportSchema } from '../bus-schema/report.js';
import { locksViewSchema, workerStatusViewSchema } from '../bus-schema/view.js';

interface Published {
  readonly schema: z.ZodType;
  /** Which file of the bus it describes. */
  readonly title: string;
}

/** What scripts in other languages may want to check, by the name of its schema file. */
export const PUBLISHED: Readonly<Record<string, Published>> = {
  answer: { schema: answerSchema, title: 'commands/done/<id>.json: the answer to a command' },
  claim: {
    schema: claimSchema,
    title: 'first line of runs/<run>/attempts/<attempt>.claim: who took the attempt',
  },
  command: { schema: commandSchema, title: 'commands/<id>.json: a request to the daemon' },
  config: { schema: configSchema, title: 'config.yaml and signalbox.config.yaml: settings' },
  history: { schema: historySchema, title: 'history.json: how long tasks took in earlier runs' },
  'journal-record': {
    schema: journalRecordSchema,
    title: 'a line of journal/<first-seq>.jsonl: one decision',
  },
  lease: {
    schema: leaseSchema,
    title: 'daemon.json and workers/<id>/pid.json: who holds the lock beside it',
  },
  locks: { schema: locksViewSchema, title: 'locks.json: which attempt holds which path' },
  message: {
    schema: messageSchema,
    title: 'a line of queue.jsonl, and the content of an event file: one message',
  },
  outcome: { schema: outcomeSchema, title: 'how an attempt ended, as messages and facts carry it' },
  plan: { schema: planSchema, title: 'runs/<run>/plan.json: a plan with everything decided' },
  report: { schema: runReportSchema, title: 'runs/<run>/report.json: how a run ended, task by task' },
  'worker-status': {
    schema: workerStatusViewSchema,
    title: 'worker-status.json: what each worker does, or did last',
  },
};

/**
 * The text of a schema file. It describes what may be written, so keys with a default are optional and durations are
 * text or numbers; what JSON Schema cannot say (a transform, a check in code) is left open.
 */
export function jsonSchemaText({ schema, title }: Published): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** Where the schema files stand. */
export const schemaFolder = (root: string): string => join(root, 'bus-schema/json-schema');

function writeAll(): void {
  const folder = schemaFolder(dirname(dirname(fileURLToPath(import.meta.url))));
  mkdirSync(folder, { recursive: true });
  for (const [name, published] of Object.entries(PUBLISHED))
    writeFileSync(join(folder, `${name}.json`), jsonSchemaText(published));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeAll();
