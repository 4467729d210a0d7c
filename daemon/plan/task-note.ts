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

/** A label at the beginning of a line, and what stands behind it. */
export interface Label {
  /** In small letters, without emphasis. */
  readonly label: string;
  readonly emphasised: boolean;
  readonly value: string;
}

/** `- **Files**: …`, `**Files:** …`, `- Depends on: …` */
export function labelOf(text: string): Label | undefined {
  const line = text.trim().replace(/^(?:[-*+]|\d{1,9}[.)])\s+/, '');
  const match =
    /^(\*\*|__|\*|_)?([A-Za-z][A-Za-z ()]{0,30}?)(?:\*\*|__|\*|_)?\s?:(?:\*\*|__|\*|_)?(?:\s+|$)/.exec(
      line.slice(0, 60),
    );
  if (match === null) return undefined;
  return {
    label: (match[2] ?? '').toLowerCase(),
    emphasised: match[1] !== undefined,
    value: line.slice(match[0].length).trim(),
  };
}

/** What a labelled line says of a task; a label without emphasis counts only if it is one that is known. */
export function noteOf(text: string): TaskNote | undefined {
  const found = labelOf(text);
  if (found === undefined) return undefined;
  const { label, emphasised, value } = found;
  const [about] = LABELS.find(([, pattern]) => pattern.test(label)) ?? [];
  if (about === undefined && (!emphasised || VERBS.test(label))) return undefined;
  return { about: about ?? 'else', value };
}

/** What the comments of a line say, `<!-- deps: 1.1, 1.2, parallel: pg-1 -->`. */
export function commentNotes(text: string): TaskNote[] {
  const comments: string[] = [];
  for (let from = text.indexOf('<!--'); from !== -1;) {
    const to = text.indexOf('-->', from + 4);
    if (to === -1) break;
    comments.push(text.slice(from + 4, to));
    from = text.indexOf('<!--', to);
  }
  return comments.flatMap(notesIn);
}

function notesIn(comment: string): TaskNote[] {
  const keys = [...comment.matchAll(KEYS)];
  return keys.map((key, index) => {
    const value = comment.slice(key.index + key[0].length, keys[index + 1]?.index);
    const about = key[1]?.toLowerCase() === 'parallel' ? 'group' : 'dependsOn';
    return { about, value: withoutEnd(value).trim() };
  });
}

/** Without the marks that part it from what follows. By hand: a pattern's time would grow with the square of their number. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s,;]/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
