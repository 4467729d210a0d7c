import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { messageSchema, messageTypeSchema } from '../../../bus-schema/message.js';
import { runReportSchema } from '../../../bus-schema/report.js';
import { locksViewSchema, workerStatusViewSchema } from '../../../bus-schema/view.js';
import { feedOf } from '../../../daemon/projections/feed.js';
import { locksView } from '../../../daemon/projections/locks-view.js';
import { progressView } from '../../../daemon/projections/progress-view.js';
import { endReport, reportMarkdown } from '../../../daemon/projections/report-text.js';
import { runReport } from '../../../daemon/projections/run-report.js';
import { RunStory } from '../../../daemon/projections/run-story.js';
import { workerStatusView } from '../../../daemon/projections/worker-status-view.js';
import { happenings, wildRun } from './wild-run.js';

const NOBODY = { workers: new Map(), progress: new Map() };

describe('whatever happens', () => {
  test('locks.json fits its schema and names what is held, by whom', () => {
    fc.assert(
      fc.property(happenings, dice => {
        wildRun(dice, ({ state }) => {
          const view: unknown = JSON.parse(JSON.stringify(locksView(state)));
          expect(locksViewSchema.safeParse(view).error).toBeUndefined();
          const held = [...state.attempts.values()].flatMap(({ node }) => node.task.files);
          expect(Object.keys(view as object).sort()).toEqual([...new Set(held)].sort());
        });
      }),
    );
  });

  test('worker-status.json fits its schema and says who runs what', () => {
    fc.assert(
      fc.property(happenings, dice => {
        wildRun(dice, ({ state }) => {
          // Throws when it does not fit.
          const view = workerStatusViewSchema.parse(workerStatusView(state, NOBODY));
          const running = Object.entries(view).filter(([, { status }]) => status === 'RUNNING');
          expect(running.map(([worker, { attempt }]) => `${worker} ${attempt}`).sort()).toEqual(
            [...state.slots].map(([worker, { id }]) => `${worker} ${id}`).sort(),
          );
        });
      }),
    );
  });

  test('reports fit their schema, and their counts are those of their tasks', () => {
    fc.assert(
      fc.property(happenings, dice => {
        wildRun(dice, ({ state, at }) => {
          for (const run of state.runs.values()) {
            const report = runReport(run, { at, wall: new Date(at).toISOString() });
            expect(runReportSchema.safeParse(JSON.parse(JSON.stringify(report))).error).toBeUndefined();
            const { total, before, ...ends } = report.counts;
            expect([total, before]).toEqual([
              run.nodes.length,
              report.tasks.filter(task => task.end === 'before').length,
            ]);
            if (run.ended === undefined) continue;
            for (const [end, count] of Object.entries(ends))
              expect(report.tasks.filter(task => task.end === end)).toHaveLength(count);
            expect(endReport(report)).toMatch(/\n$/);
            expect(reportMarkdown(report)).toContain(report.verdict);
          }
        });
      }),
    );
  });

  test('progress.txt has a line for each attempt, and no line is torn', () => {
    fc.assert(
      fc.property(happenings, dice => {
        wildRun(dice, ({ state, at }) => {
          const lines = progressView(state, at).split('\n');
          expect(lines.filter(line => line.startsWith('  worker-'))).toHaveLength(state.attempts.size);
          expect(lines.at(-1)).toBe('');
          expect(lines.join('\n')).not.toMatch(/NaN|undefined| -\d/);
        });
      }),
    );
  });

  test('the feed fits its schema, its ids count up, and the story that it tells ends with the true counts', () => {
    fc.assert(
      fc.property(happenings, dice => {
        let fed = 0;
        const story = new RunStory('run-1');
        const ids = new Set<string>();
        const rig = wildRun(dice, ({ state, records }) => {
          for (const record of records.slice(fed)) {
            for (const message of feedOf(state, record)) {
              expect(messageSchema.safeParse(JSON.parse(JSON.stringify(message))).success).toBe(true);
              expect(messageTypeSchema.safeParse(message.type).success).toBe(true);
              expect(ids.has(message.id)).toBe(false);
              ids.add(message.id);
              story.hear(message);
            }
          }
          fed = records.length;
          const run = [...state.runs.values()][0];
          if (run === undefined) throw new Error('no run');
          const { tally } = run;
          expect({
            complete: story.complete,
            failed: story.failed,
            skipped: story.skipped,
            running: story.running.size,
            left: story.left,
            verdict: story.verdict,
          }).toEqual({
            complete: tally.complete,
            failed: tally.failed + tally.cancelled,
            skipped: tally.skipped,
            running: run.running,
            left: run.open - run.running,
            verdict: run.ended?.verdict,
          });
        });
        expect(rig.records).toHaveLength(fed);
      }),
    );
  });
});
