/** What a line below a task says of it. */
export interface TaskNote {
  readonly about: 'files' | 'type' | 'dependsOn' | 'group' | 'status' | 'else';
  readonly value: string;
}

const LABELS: readonly (readonly [TaskNote['about'], RegExp])[] = [
  ['files', /^files?(\(s\))?$/],
  ['type', /^type$/],
  ['dependsOn', /^(depends( on)?|dependencies|deps|requires|blocked by)$/],
  ['group', /^parallel( group)?$/],
  ['status', /^status$/],
];
/** `- Create: src/a.ts` is an entry of a list of files. */
const VERBS = /^(create|modify|delete|tests?|add|update|move|rename|remove|edit|change|new)$/;
const KEYS = /\b(deps|dependencies|depends[ _-]on|parallel)\s*:/gi;

/** `- **Files**: …`, `**Files:** …`, `- Depends on: …`; a label without emphasis counts only if it is one of these. */
export function noteOf(text: string): TaskNote | undefined {
  const line = text.trim().replace(/^(?:[-*+]|\d{1,9}[.)])\s+/, '');
  const match =
    /^(\*\*|__|\*|_)?([A-Za-z][A-Za-z ()]{0,30}?)(?:\*\*|__|\*|_)?\s?:(?:\*\*|__|\*|_)?(?:\s+|$)/.exec(
      line.slice(0, 60),
    );
  if (match === null) return undefined;
  const label = (match[2] ?? '').toLowerCase();
  const [about] = LABELS.find(([, pattern]) => pattern.test(label)) ?? [];
  if (about === undefined && (match[1] === undefined || VERBS.test(label))) return undefined;
  return { about: about ?? 'else', value: line.slice(match[0].length).trim() };
}

/** What the comments of a line say, `<!-- deps: 1.1, 1.2, parallel: pg-1 -->`. */
export function commentNotes(text: string): TaskNote[] {
  const notes: TaskNote[] = [];
  for (let from = text.indexOf('<!--'); from !== -1;) {
    const to = text.indexOf('-->', from + 4);
    if (to === -1) break;
    notes.push(...notesIn(text.slice(from + 4, to)));
    from = text.indexOf('<!--', to);
  }
  return notes;
}

function notesIn(comment: string): TaskNote[] {
  const keys = [...comment.matchAll(KEYS)];
  return keys.map((key, index) => {
    const value = comment.slice(key.index + key[0].length, keys[index + 1]?.index).replace(/[\s,;]*$/, '');
    const about = key[1]?.toLowerCase() === 'parallel' ? 'group' : 'dependsOn';
    return { about, value: value.trim() };
  });
}
