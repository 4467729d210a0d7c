import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { fail, type Result } from '../../bus-schema/result.js';
import { proseLines } from './fences.js';
import { readJson } from './json-source.js';
import { baseName, type PlanReading } from './reading.js';
import { nameOf } from './track-name.js';
import { readWaveDocument } from './wave-document.js';
import { frontMatterOf, taskKeysIn } from './wave-front-matter.js';
import { hasWaveTask, readWaveMarkdown, saysComplexity } from './wave-markdown.js';
import { readYaml } from './yaml-source.js';

/** What holds for a wave where neither flag nor the wave nor config says otherwise. */
export const WAVE_DEFAULTS = {
  maxParallel: 5,
  timeoutMs: 600_000,
  retries: 0,
  heartbeatTimeoutMs: 600_000,
  onFailure: 'continue',
  schedule: 'dag',
  onConflict: 'abort',
} as const;

/** So many at once of a type, in a wave whose config says nothing of it. */
export const WAVE_LIMITS = { research: 10, planning: 10, implementation: 1, review: 5 } as const;

/** Reads a wave: JSON for a dispatcher, a plan file with its tasks in front matter, or Markdown with a section a task. */
export function readWave(text: string, file: string): Result<PlanReading, Diagnostic[]> {
  const lines = text.split('\n');
  const front = frontMatterOf(lines);
  if (/^\s*\{/.test(text)) {
    const source = readJson(text, file);
    return source.ok ? readWaveDocument(source.value, wave => nameFrom(file, wave)) : source;
  }
  if (front !== undefined && hasTasksKey(front.text.split('\n'))) {
    const source = readYaml(front.text, file, { linesBefore: front.linesBefore, cut: [] });
    return source.ok ? readWaveDocument(source.value, () => nameOf(lines.slice(front.to), file)) : source;
  }
  if (hasTasksKey(lines)) {
    const source = readYaml(text, file);
    return source.ok ? readWaveDocument(source.value, wave => nameFrom(file, wave)) : source;
  }
  return hasWaveTask(lines) ? readWaveMarkdown(lines, file) : fail([noWave(file)]);
}

/** Whether a text that is no JSON is a wave rather than a plan of another format. Prose with a DAG is none. */
export function isWave(lines: readonly string[]): boolean {
  const front = frontMatterOf(lines);
  const own = front?.text.split('\n');
  const inFront = own !== undefined && hasTasksKey(own);
  if (!inFront && !hasTasksKey(lines)) return saysComplexity(lines);
  const keys = taskKeysIn(inFront ? own : lines);
  if (keys.has('agent') && keys.has('prompt')) return false;
  return OWN_KEYS.some(key => keys.has(key)) || (inFront && keys.has('id') && keys.has('description'));
}

const OWN_KEYS = ['taskId', 'targetFiles', 'instructions', 'subagent_type', 'needsCodexReview'];

/** A top-level `tasks:` key, and not one in a fenced sample. */
function hasTasksKey(lines: readonly string[]): boolean {
  return proseLines(lines).some(line => /^(tasks|"tasks"|'tasks')\s*:(\s|$)/.test(lines[line] ?? ''));
}

/** Standard input has no name, but a wave has a number. */
function nameFrom(file: string, wave: number | undefined): string {
  return file === '-' && wave !== undefined ? `wave-${wave}` : baseName(file);
}

function noWave(file: string): Diagnostic {
  return {
    severity: 'error',
    file,
    message:
      'this is no wave: neither JSON with tasks, nor a top-level tasks: key (YAML, or front matter between two lines ---), nor a heading such as "### Task 1: …" was found',
    remedy: 'Give each task a taskId or an id, or a heading of its own',
  };
}
