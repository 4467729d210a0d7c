/** How it gets on, for whoever waits: on standard error, so that standard output holds nothing but the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
