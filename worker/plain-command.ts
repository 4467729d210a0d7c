/** Blanks, a separator, or a word: of characters that mean themselves to a shell, or stand in quotes in which they do. */
const TOKEN = /( +)|(&&|\|\||;)|(?:[\w./:=,@%+-]|'[^'\n\0]*'|"[^"$`\\!\n\0]*")+/y;

/** What a shell does by itself, the same in any of its children, without a word that names a line. */
const OWN = new Set([':', 'true', 'false', 'echo', 'exit']);
/** They are programs as well, but to a shell something else. */
const RESERVED = new Set(
  `alias bg bind break builtin case cd command continue do done elif else esac eval exec export fc fg fi for function
  getopts hash if in jobs kill let local printf pwd read readonly return select set shift source suspend test then time
  times trap type typeset ulimit umask unalias unset until wait while . [`.split(/\s+/),
);
const PROGRAM = /^[\w./][\w./+-]*$/;

/**
 * The programs that a command calls, when it is so plain that every POSIX shell runs it alike, in its first process or in a
 * child: words and plain quotes, joined by `&&`, `||` and `;`, with nothing expanded, redirected, assigned or remembered.
 * Undefined for anything else. Takes time in proportion to the length.
 */
export function programsOf(command: string): readonly string[] | undefined {
  const programs: string[] = [];
  let isFirst = true;
  for (let at = 0; at < command.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(command);
    if (token === null) return undefined;
    const [word, blanks, separator] = token;
    if (blanks !== undefined) continue;
    if (separator !== undefined) {
      if (isFirst) return undefined;
      isFirst = true;
    } else if (isFirst) {
      isFirst = false;
      if (OWN.has(word)) continue;
      if (RESERVED.has(word) || !PROGRAM.test(word)) return undefined;
      programs.push(word);
    }
  }
  return isFirst ? undefined : programs;
}
