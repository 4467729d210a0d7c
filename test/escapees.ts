import { readdirSync, readFileSync } from 'node:fs';
import { CONTAINMENTS, type ContainmentKind } from '../bus-schema/containment.js';
import { isToBeHad } from '../daemon/pool/containment.js';

/** Ways in which a child tries to outlive its command; the last cannot be seen where nothing holds processes together. */
const ESCAPES = ['background', 'session', 'double', 'stopped', 'cleared'] as const;

/**
 * A command that never ends and has a child escape in each way. Each is known by an argument that begins with the mark: a
 * cleared environment cannot hide that.
 */
export function escapingCommand(mark: string, containment: ContainmentKind): string {
  const stubborn = `trap '' TERM; while :; do sleep 0.2; done`;
  return [
    `sh -c "while :; do sleep 0.2; done" ${mark}-background &`,
    `setsid sh -c "${stubborn}" ${mark}-session &`,
    `(setsid sh -c "(sh -c \\"${stubborn}\\" ${mark}-double &)" &)`,
    `sh -c 'kill -STOP $$; sleep 60' ${mark}-stopped &`,
    ...(seen(containment).includes('cleared')
      ? [`env -i PATH="$PATH" setsid sh -c "(setsid sh -c \\"${stubborn}\\" ${mark}-cleared &)" &`]
      : []),
    stubborn,
  ].join('\n');
}

/** Those that a containment is to see. */
function seen(containment: ContainmentKind): readonly string[] {
  return ESCAPES.filter(escape => escape !== 'cleared' || containment !== 'group');
}

/** Whether all of them are on their way. */
export function haveEscaped(mark: string, containment: ContainmentKind): boolean {
  const alive = aliveWith(`${mark}-`).map(({ argument }) => argument);
  return seen(containment).every(escape => alive.includes(`${mark}-${escape}`));
}

/** Every living process that has an argument which begins so, wherever it is. */
export function aliveWith(mark: string): { pid: number; argument: string }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      const argument = textOf(`/proc/${name}/cmdline`)
        .split('\0')
        .find(each => each.startsWith(mark));
      const zombie = /\) [ZX] /.test(textOf(`/proc/${name}/stat`));
      return argument === undefined || zombie ? [] : [{ pid: Number(name), argument }];
    });
}

/** What this machine has; of the others it is said why not. */
export const TIERS: readonly ContainmentKind[] = CONTAINMENTS.filter(kind => {
  const there = isToBeHad(kind);
  if (!there.ok) process.stderr.write(`not tested: containment ${kind}: ${there.error}\n`);
  return there.ok;
});

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // gone meanwhile
  }
}
