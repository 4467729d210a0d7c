import type { Message } from '../../bus-schema/message.js';
import { OrchestrationStory } from '../projections/orchestration-story.js';
import { RunStory } from '../projections/run-story.js';
import type { Run } from '../scheduler/state.js';
import { LiveOrchestration, PlainOrchestration } from './orchestration-view.js';
import { LiveView, PlainView } from './run-view.js';
import { isTerminal } from './terminal.js';

/** Hears of a run and shows it on standard error, as its format does. */
export interface Show {
  hear(message: Message): void;
  /** Set once the feed says how the run ended. */
  readonly verdict: string | undefined;
  close(): void;
}

/** What `openShow` needs to know of the run. */
export interface Shown {
  readonly run: string;
  readonly stand?: Run | undefined;
}

export function openShow({ run, stand }: Shown): Promise<Show> {
  return stand?.plan.format === 'orchestrate' ? orchestrationShow(stand) : runShow(run);
}

async function runShow(run: string): Promise<Show> {
  const story = new RunStory(run);
  const view = movable() ? await LiveView.open(story, process.stderr) : new PlainView(process.stderr);
  return {
    hear(message) {
      const line = story.hear(message);
      if (line !== undefined) view.line(line);
    },
    get verdict() {
      return story.verdict;
    },
    close() {
      view.close();
    },
  };
}

async function orchestrationShow(stand: Run): Promise<Show> {
  const story = new OrchestrationStory(stand);
  const view = movable()
    ? await LiveOrchestration.open(story, process.stderr)
    : new PlainOrchestration(story, process.stderr);
  return {
    hear(message) {
      view.hear(message);
    },
    get verdict() {
      return story.verdict;
    },
    close() {
      view.close();
    },
  };
}

/** Whether what was written can be taken back and written anew. */
function movable(): boolean {
  return isTerminal('err') && process.env.TERM !== 'dumb';
}
