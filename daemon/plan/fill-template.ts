import { PLACEHOLDERS, type Placeholder } from './agent-templates.js';

/** Longer prompts go by standard input: a command line's argument ends at 128 KiB. In bytes. */
export const LONGEST_PROMPT_ARGUMENT = 100 * 1024;

export type Fillings = Readonly<Record<Placeholder, string | undefined>>;

export interface Filled {
  readonly argv: string[];
  readonly promptBy: 'argv' | 'stdin';
}

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The placeholders of a template that mean nothing. */
export function unknownPlaceholders(command: readonly string[]): string[] {
  const known: readonly string[] = PLACEHOLDERS;
  const named = command.flatMap(token => [...token.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
  return [...new Set(named.filter(name => !known.includes(name)))];
}

/**
 * Fills a template token by token, so that no text of a plan is ever read as shell, or as a further placeholder.
 *
 * - Without a model, a token with `{model}` is left out, and if it is nothing but `{model}`, the flag before it too.
 * - A prompt goes by standard input, and its token is left out, if it is too long for a command line, if it would be
 *   read as an option (it begins with `-`, and no `--` stands before it), or if the template has no place for it.
 */
export function fillTemplate(command: readonly string[], fillings: Fillings): Filled {
  const prompt = fillings.prompt ?? '';
  const byArgument = takesPrompt(command, prompt);
  const argv: string[] = [];
  for (const token of command) {
    if (token.includes('{model}') && fillings.model === undefined) {
      if (token === '{model}' && argv.length > 1 && argv.at(-1)?.startsWith('-') === true) argv.pop();
      continue;
    }
    if (token.includes('{prompt}') && !byArgument) continue;
    argv.push(token.replace(PLACEHOLDER, (whole, name: string) => fillings[name as Placeholder] ?? whole));
  }
  return { argv, promptBy: byArgument ? 'argv' : 'stdin' };
}

function takesPrompt(command: readonly string[], prompt: string): boolean {
  const position = command.findIndex(token => token.includes('{prompt}'));
  if (position <= 0) return false;
  const isOption = prompt.startsWith('-') && command[position]?.startsWith('{prompt}') === true;
  if (isOption && command[position - 1] !== '--') return false;
  return !isLongerThan(prompt, LONGEST_PROMPT_ARGUMENT);
}

function isLongerThan(text: string, bytes: number): boolean {
  // A UTF-16 unit is one to three bytes of UTF-8.
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes;
}
