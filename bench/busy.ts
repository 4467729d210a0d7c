import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 1000;

/** How much of the machine other work takes, in percent, before a bench begins: the more, the less its figures say. */
export async function busyPercent(): Promise<number> {
  const before = spent();
  await sleep(LOOK_MS);
  const after = spent();
  const all = after.all - before.all;
  return all === 0 ? 0 : Math.round((1 - (after.idle - before.idle) / all) * 100);
}

function spent(): { readonly all: number; readonly idle: number } {
  const times = cpus().map(each => each.times);
  const idle = times.reduce((sum, each) => sum + each.idle, 0);
  const rest = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
  return { all: idle + rest, idle };
}
