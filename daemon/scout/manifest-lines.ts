/** Manifests that are read line by line, for names and nothing else: good enough for orientation, linear in their size. */
export interface NamedPackages {
  readonly own: string[];
  readonly needed: string[];
}

const LONGEST_LINE = 2000;

function* linesOf(text: string): Generator<string> {
  for (const line of text.split('\n')) yield line.slice(0, LONGEST_LINE).trim();
}

export function parseGoMod(text: string): NamedPackages {
  const found: NamedPackages = { own: [], needed: [] };
  let inRequire = false;
  for (const line of linesOf(text)) {
    const words = line.split(/\s+/);
    const [first = '', second = ''] = words;
    if (first === 'module') found.own.push(second);
    else if (first === 'require' && second === '(') inRequire = true;
    else if (first === 'require') found.needed.push(second);
    else if (first === ')') inRequire = false;
    else if (inRequire && first !== '' && !first.startsWith('//')) found.needed.push(first);
  }
  return found;
}

export function parseCargo(text: string): NamedPackages {
  const found: NamedPackages = { own: [], needed: [] };
  let section = '';
  for (const line of linesOf(text)) {
    if (line.startsWith('[')) {
      section = sectionOf(line);
      const table = /dependencies\.([\w-]+)$/.exec(section)?.[1];
      if (table !== undefined) found.needed.push(table);
      continue;
    }
    const key = keyOf(line);
    if (key === undefined) continue;
    if (section === 'package' && key === 'name') found.own.push(quotedIn(line) ?? '');
    if (/(^|\.|-)dependencies$/.test(section)) found.needed.push(key);
  }
  return found;
}

export function parsePyproject(text: string): NamedPackages {
  const found: NamedPackages = { own: [], needed: [] };
  let section = '';
  let inList = false;
  for (const line of linesOf(text)) {
    if (inList) {
      const name = requirementIn(quotedIn(line) ?? '');
      if (name !== undefined) found.needed.push(name);
      inList = !/^[^"']*\]|["']\s*\]\s*$/.test(line);
      continue;
    }
    if (line.startsWith('[')) {
      section = sectionOf(line);
      continue;
    }
    const key = keyOf(line);
    if (key === undefined) continue;
    if (key === 'name' && /^(project|tool\.poetry)$/.test(section)) found.own.push(quotedIn(line) ?? '');
    if (/^tool\.poetry(\.group\.[\w-]+)?\.(dev-)?dependencies$/.test(section) && key !== 'python')
      found.needed.push(key);
    const isList =
      (section === 'project' && key === 'dependencies') || /^(project\.optional-|dependency-)/.test(section);
    if (!isList || !line.includes('[')) continue;
    for (const [, quoted = ''] of line.matchAll(/["']([^"']*)["']/g)) {
      const name = requirementIn(quoted);
      if (name !== undefined) found.needed.push(name);
    }
    inList = !line.endsWith(']');
  }
  return found;
}

export function parseRequirements(text: string): string[] {
  return [...linesOf(text)].flatMap(line =>
    line.startsWith('#') || line.startsWith('-') ? [] : (requirementIn(line) ?? []),
  );
}

/** Targets that a person would call. */
export function parseMakefile(text: string): string[] {
  return text.split('\n').flatMap(line => /^([A-Za-z0-9][\w-]{0,60})[ \t]*:(?!=)/.exec(line)?.[1] ?? []);
}

const sectionOf = (line: string): string => /^\[+\s*([^\]]*?)\s*\]/.exec(line)?.[1] ?? '';
const keyOf = (line: string): string | undefined => /^"?([A-Za-z0-9][\w.-]*)"?\s*=/.exec(line)?.[1];
const quotedIn = (line: string): string | undefined => /["']([^"']*)["']/.exec(line)?.[1];

/** `name[extra]>=1; marker` → its name; an address is none. */
function requirementIn(text: string): string | undefined {
  return /^([A-Za-z0-9][\w.-]*)(?=\s*(?:$|[[<>=!~;@#,( ]))/.exec(text)?.[1];
}
