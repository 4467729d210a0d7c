import { sampleBlocks } from '../samples.js';

/** What a program that dispatches waves hands in, in its own layout. */
export const CINEMA = `{
  "wave": 3,
  "maxParallel": 4,
  "tasks": [
    {
      "taskId": "task-4",
      "model": "opus",
      "needsCodexReview": false,
      "owner": "projection",
      "context": {
        "taskId": "task-4",
        "description": "Sell tickets for a seat",
        "targetFiles": ["src/seat.ts", "src/ticket.ts"],
        "instructions": "A seat is sold once.\\nSay so when it is taken.",
        "dependencyOutputs": [{ "taskId": "task-1", "summary": "Drew the plan of the hall" }],
        "constraints": { "maxReadFiles": 10, "maxWriteFiles": 3, "allowBashCommands": false }
      }
    },
    {
      "taskId": "task-5",
      "model": "inherit",
      "context": { "description": "List tonight's films", "targetFiles": ["src/films.ts"] }
    }
  ]
}
`;

export interface TaskSketch {
  readonly id: string;
  readonly files?: readonly string[];
  readonly type?: string;
  readonly needs?: readonly string[];
  readonly review?: boolean;
}

/** A wave of such tasks, from JSON. */
export function waveOf(...tasks: readonly TaskSketch[]): string {
  return JSON.stringify({
    wave: 1,
    tasks: tasks.map(({ id, files = [], type, needs = [], review = false }) => ({
      taskId: id,
      context: { description: `Do ${id}`, targetFiles: files, dependencies: needs, type },
      needsCodexReview: review,
    })),
  });
}

/** What a reviewer prints. */
export const APPROVED =
  '{"status": "approved", "issues": [], "filesReviewed": ["src/a.ts"], "summary": "Fine"}';
export const LEAKS = `{
  "status": "needs_fixes",
  "issues": [
    { "severity": "HIGH", "file": "src/a.ts", "line": 12, "issue": "The handle leaks", "suggestion": "Close it" },
    { "severity": "LOW", "location": "src/a.ts:3:1", "issue": "The name is odd" }
  ],
  "summary": "Almost"
}`;

/** The input and the result that the source system shows, without their comments; undefined where they are not at hand. */
export function sampleWave(): { readonly input: string; readonly result: unknown } | undefined {
  const blocks = sampleBlocks('003')
    ?.filter(block => block.startsWith('{'))
    .map(block => block.replace(/\/\*.*?\*\//g, ''));
  const input = blocks?.find(block => block.includes('"taskId"'));
  const result = blocks?.find(block => block.includes('"errors"'));
  return input === undefined || result === undefined
    ? undefined
    : { input, result: JSON.parse(result) as unknown };
}
