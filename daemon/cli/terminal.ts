import { styleText } from 'node:util';
import { formatDiagnostic, type Diagnostic } from '../../bus-schema/diagnostic.js';
import { printable, printableJson } from '../../bus-schema/printable.js';
import { EXIT } from './exit-codes.js';

/** A message of ours is longer than a title, and yet nobody reads ten screens of it. */
const LONGEST_LINE = 2000;

type Stream = 'out' | 'err';
type Style = Parameters<typeof styleText>[0];

/** The result, as it is: on standard output there is nothing else. */
export function out(text: string): void {
  process.stdout.write(text);
}

/** One JSON document as the result; no character in it can act on a terminal. */
export function outJson(value: unknown): void {
  out(`${jsonText(value, 2)}\n`);
}

/** JSON in which no character can act on a terminal. */
export function jsonText(value: unknown, indent?: number): string {
  return printableJson(JSON.stringify(value, null, indent));
}

/** A line for the person at the terminal. It may hold text from anywhere. */
export function err(line: string): void {
  process.stderr.write(`${printable(line, LONGEST_LINE)}\n`);
}

/** An error that has no place in a file; each line of it on its own. */
export function complain(message: string): void {
  for (const line of message.split('\n')) err(`signalbox: ${line}`);
}

/** Prints all that is wrong and answers the exit code that goes with it. */
export function refuse(diagnostics: readonly Diagnostic[]): number {
  warn(diagnostics);
  return EXIT.usage;
}

/** Prints errors and warnings to standard error, coloured by their kind. */
export function warn(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    const line = printable(formatDiagnostic(diagnostic), LONGEST_LINE);
    process.stderr.write(`${colour('err', diagnostic.severity === 'error' ? 'red' : 'yellow', line)}\n`);
  }
}

/** Styles a text if that stream is a terminal whose user has not said no. */
export function colour(stream: Stream, style: Style, text: string): string {
  return isTerminal(stream) && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb'
    ? styleText(style, text)
    : text;
}

export function isTerminal(stream: Stream): boolean {
  return stream === 'out' ? process.stdout.isTTY : process.stderr.isTTY;
}
