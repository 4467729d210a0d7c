import type { Dice } from '../simulation/dice.js';
import type { Kind } from './kinds.js';
import { CrashRig, signal, type CrashSetting } from './rig.js';
import type { Demands } from './verdict.js';

/** Far more than are ever lost, so that every task comes to its end. */
const RETRIES = 50;

interface Manner {
  readonly setting: Omit<CrashSetting, 'tell'>;
  readonly demands: Demands;
  readonly kills: number;
  /** The longest time from one to the next. */
  readonly pauseMs: number;
  /** Ends somebody. */
  readonly strike: (rig: CrashRig, dice: Dice) => Promise<void>;
}

const shape = (tasks: number, retries: number): Omit<CrashSetting, 'tell'> => ({
  tasks,
  seconds: 0.3,
  retries,
});

export const daemonKills = kindOf('daemon', 'the daemon is killed at random instants and started again', {
  setting: shape(24, 0),
  demands: { once: true },
  kills: 8,
  pauseMs: 250,
  strike: async rig => {
    await rig.killDaemon();
    await rig.up();
  },
});

export const workerKills = kindOf('workers', 'workers are killed at random instants', {
  setting: shape(15, RETRIES),
  demands: { once: false },
  kills: 6,
  pauseMs: 400,
  strike: async (rig, dice) => strikeOne(rig.workers(), dice),
});

export const commandKills = kindOf(
  'commands',
  'commands, or what they started, are killed at random instants',
  {
    setting: shape(15, RETRIES),
    demands: { once: false },
    kills: 6,
    pauseMs: 400,
    strike: async (rig, dice) => strikeOne(rig.commands(), dice),
  },
);

export const everybodyKills = kindOf(
  'everybody',
  'daemon and workers, or all there is, are killed together',
  {
    setting: shape(15, RETRIES),
    demands: { once: false },
    kills: 4,
    pauseMs: 700,
    strike: async (rig, dice) => {
      const all = dice.chance(0.5);
      const victims = all ? rig.everybody() : rig.workers();
      const daemonFirst = dice.chance(0.5);
      if (daemonFirst) await rig.killDaemon();
      for (const pid of victims) signal(pid);
      if (!daemonFirst) await rig.killDaemon();
      await rig.up();
    },
  },
);

function strikeOne(victims: readonly number[], dice: Dice): void {
  const victim = dice.pick(victims);
  if (victim !== undefined) signal(victim);
}

function kindOf(name: string, what: string, manner: Manner): Kind {
  return {
    name,
    what,
    obstacle: () => (process.platform === 'linux' ? undefined : 'processes are found by /proc'),
    some: async function* (dice, count) {
      for (let round = 1; round <= count; round++)
        yield { name: `${name} ${round}`, wrong: await play(manner, dice) };
    },
  };
}

async function play({ setting, demands, kills, pauseMs, strike }: Manner, dice: Dice): Promise<string[]> {
  const rig = new CrashRig({ ...setting, tell: 'script' });
  try {
    await rig.up();
    await rig.submitted();
    for (let kill = 0; kill < kills && !rig.isOver(); kill++) {
      await new Promise(resolve => setTimeout(resolve, 5 + dice.upTo(pauseMs)));
      await strike(rig, dice);
    }
    await rig.finish();
    return await rig.findings(demands);
  } finally {
    await rig.remove();
  }
}
