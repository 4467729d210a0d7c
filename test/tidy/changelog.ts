const HEADING = /^## \[(Unreleased|\d+\.\d+\.\d+)\](?: - (\d{4}-\d{2}-\d{2}))?$/;

/** What is wrong with a change log: newest release first, each dated and with something to say, this version among them. */
export function changelogBreaches(text: string, version: string): string[] {
  const breaches: string[] = [];
  const lines = text.split('\n');
  if (lines[0] !== '# Changelog') breaches.push('line 1: write "# Changelog"');
  const dates: string[] = [];
  const versions: string[] = [];
  lines.forEach((line, index) => {
    if (!line.startsWith('## ')) return;
    const [, name, date] = HEADING.exec(line) ?? [];
    if (name === undefined || (date === undefined) !== (name === 'Unreleased')) {
      breaches.push(`line ${index + 1}: write "## [1.2.3] - 2026-01-31" or "## [Unreleased]"`);
      return;
    }
    versions.push(name);
    if (date !== undefined) dates.push(date);
    const body = lines.slice(index + 1, nextHeading(lines, index));
    if (body.every(text => text.trim() === '' || text.startsWith('#')))
      breaches.push(`line ${index + 1}: ${name} says nothing; say what changes for a user`);
  });
  if (!versions.includes(version)) breaches.push(`no section for ${version}, the version of package.json`);
  if (dates.some((date, index) => index > 0 && date > (dates[index - 1] ?? '')))
    breaches.push('releases are out of order; put the newest first');
  return breaches;
}

function nextHeading(lines: readonly string[], after: number): number {
  const next = lines.findIndex((line, index) => index > after && line.startsWith('## '));
  return next === -1 ? lines.length : next;
}
