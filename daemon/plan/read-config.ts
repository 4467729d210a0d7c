import { z } from 'zod';
import { configSchema, type Config } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, unreachable, type Result } from '../../bus-schema/result.js';
import { describe } from './fields.js';
import { toDiagnostics, wrong, type Path, type Problem } from './source.js';
import { didYouMean } from './suggest.js';
import { readYaml } from './yaml-source.js';

type Issue = z.core.$ZodIssue;

/** Reads a config file; an empty one is an empty config. Errors are all that is wrong with it, each with its place. */
export function readConfig(text: string, file: string): Result<Config, Diagnostic[]> {
  const source = readYaml(text.replace(/^\ufeff/, ''), file);
  if (!source.ok) return source;
  const { value } = source.value;
  const parsed = configSchema.safeParse(value ?? {});
  if (parsed.success) return ok(parsed.data);
  return fail(
    toDiagnostics(
      source.value,
      parsed.error.issues.flatMap(issue => problemsOf(issue, value)),
    ),
  );
}

/** Two configs as one: what the bus says wins, key by key, and within `parallelism`, `backoff` and `agents` too. */
export function mergeConfigs(repo: Config, bus: Config): Config {
  return {
    ...repo,
    ...withoutAbsent(bus),
    ...mergeKey('parallelism', repo, bus),
    ...mergeKey('backoff', repo, bus),
    ...mergeKey('agents', repo, bus),
  };
}

function mergeKey<K extends 'parallelism' | 'backoff' | 'agents'>(
  key: K,
  repo: Config,
  bus: Config,
): Pick<Config, K> | object {
  if (repo[key] === undefined && bus[key] === undefined) return {};
  return { [key]: { ...repo[key], ...withoutAbsent(bus[key] ?? {}) } };
}

/** An explicit `undefined` must not hide what it would otherwise leave alone. */
function withoutAbsent<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function problemsOf(issue: Issue, root: unknown): Problem[] {
  const path = issue.path.map(step => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => unknownKey([...path, key], key, knownKeys(path)));
  const name = path.length === 0 ? 'the config' : printable(path.join('.'), 100);
  return [wrong(path, `${name}: ${sentenceOf(issue, valueAt(root, path))}`)];
}

function sentenceOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${wordFor(issue.expected)}, not ${describe(value)}`;
    case 'invalid_value':
      return `it must be one of ${issue.values.map(String).join(', ')}, not ${describe(value)}`;
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string') return 'it is empty';
      return `it must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}, not ${describe(value)}`;
    case 'too_big':
      return `it must be at most ${issue.maximum}, not ${describe(value)}`;
    case 'invalid_union':
      return `it must be text or a number, not ${describe(value)}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message;
    default:
      return unreachable(issue);
  }
}

function wordFor(expected: string): string {
  const words: Record<string, string> = {
    ...{ int: 'a whole number', number: 'a number', string: 'text', array: 'a list' },
    ...{ object: 'a mapping', record: 'a mapping' },
  };
  return words[expected] ?? expected;
}

function unknownKey(path: Path, key: string, known: readonly string[]): Problem {
  const place = path.length === 1 ? 'the config' : printable(path.slice(0, -1).join('.'), 100);
  const remedy = didYouMean(key, known) ?? `The keys here are ${known.join(', ')}`;
  const message = `${place}: ${printable(key, 60)} is not a key that is known here`;
  return { severity: 'error', path, part: 'key', message, remedy };
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Part of a JSON Schema. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean | Shape;
}

/** The keys that the schema has at a path, read from the schema itself, so that no list beside it can grow old. */
function knownKeys(path: Path): string[] {
  let shape = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Shape;
  for (const step of path) {
    const rest = shape.additionalProperties;
    shape = shape.properties?.[step] ?? (typeof rest === 'object' ? rest : {});
  }
  return Object.keys(shape.properties ?? {});
}
