import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULTS } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { layout } from '../../bus-schema/layout.js';
import type { Lease } from '../../bus-schema/lease.js';
import { createBus, type BusPlace } from '../bus/open-bus.js';
import type { Daemon } from '../daemon.js';
import { startDaemon } from '../main.js';
import { loadConfig } from '../settings.js';
import { EXIT } from './exit-codes.js';
import { countOf, type UpFlags } from './flags.js';
import { placeOf } from './place.js';
import { daemonSign } from './sign.js';
import { complain, err, outJson, refuse } from './terminal.js';

/** A daemon in the background has so long to take the bus. */
const DETACH_MS = 10_000;

/** `up`: the daemon, in the foreground until it is told to end, or in the background. */
export async function up(flags: UpFlags): Promise<number> {
  const place = placeOf(flags);
  if (!place.ok) return refuse([place.error]);
  const { bus, repo } = place.value;
  const config = loadConfig(bus, repo);
  if (!config.ok) return refuse(config.error);
  const asked = flags.maxParallel === undefined ? undefined : countOf('--max-parallel', flags.maxParallel);
  if (asked?.ok === false) return refuse([asked.error]);
  const cap = config.value.parallelism?.maxParallelTasks;
  const wanted = asked?.value ?? cap ?? DEFAULTS.maxParallel;
  const maxParallel = Math.min(wanted, cap ?? wanted);
  if (flags.detach === true) return detach(place.value, maxParallel, flags);
  const started = startDaemon({ place: place.value, config: config.value, maxParallel });
  if (!started.ok)
    return started.error.kind === 'busy'
      ? busy(bus, started.error.holder)
      : refuse(started.error.diagnostics);
  announce(place.value, process.pid, maxParallel, flags);
  obeySignals(started.value);
  await started.value.ended;
  err('the daemon has ended');
  return EXIT.complete;
}

/** Starts the same command once more, with nothing of this terminal, and waits until it holds the bus. */
async function detach(place: BusPlace, maxParallel: number, flags: UpFlags): Promise<number> {
  const held = daemonSign(place.bus);
  if (held.up) return busy(place.bus, undefined);
  const created = createBus(place.bus);
  if (!created.ok) return refuse([created.error]);
  const log = openSync(join(place.bus, layout.daemonLog), 'a', 0o600);
  const program = process.argv[1] ?? '';
  const args = [
    ...(program.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : []),
    program,
    'up',
    '--bus',
    place.bus,
    '--max-parallel',
    String(maxParallel),
  ];
  const child = spawn(process.execPath, args, {
    cwd: place.repo,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const code = await Promise.race([
    new Promise<number | 'failed'>(resolve =>
      child.once('exit', code => resolve(code ?? 'failed')).once('error', () => resolve('failed')),
    ),
    hasTaken(place.bus),
  ]);
  child.unref();
  if (code === 'up') {
    announce(place, child.pid ?? 0, maxParallel, flags);
    return EXIT.complete;
  }
  complain(`the daemon did not start; ${join(place.bus, layout.daemonLog)} says why`);
  return typeof code === 'number' && code !== 0 ? code : EXIT.failed;
}

async function hasTaken(bus: string): Promise<'up' | 'failed'> {
  for (let waited = 0; waited < DETACH_MS; waited += 25) {
    if (daemonSign(bus).up) return 'up';
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  return 'failed';
}

function announce({ bus }: BusPlace, pid: number, maxParallel: number, flags: UpFlags): void {
  if (flags.json === true) outJson({ bus, pid, maxParallel });
  else err(`daemon ${pid} holds ${bus}, at most ${maxParallel} tasks at once`);
}

function busy(bus: string, holder: Lease | undefined): number {
  const who =
    holder === undefined ? 'another process' : `process ${holder.holder.pid}, since ${holder.startedAt}`;
  const diagnostic: Diagnostic = {
    severity: 'error',
    file: bus,
    message: `the bus has a daemon already: ${who}`,
    remedy: 'Use it (`signalbox submit`, `signalbox status`), or end it first with `signalbox down`',
  };
  refuse([diagnostic]);
  return EXIT.busy;
}

/** Ctrl-C lets running tasks end, a second one leaves them; SIGTERM and a lost terminal leave them at once: the next daemon takes them up. */
function obeySignals(daemon: Daemon): void {
  let interrupts = 0;
  process.on('SIGINT', () => {
    interrupts++;
    if (interrupts === 1)
      err(
        `draining: nothing new is started, ${daemon.state.attempts.size} running; Ctrl-C again leaves them running`,
      );
    daemon.stop(interrupts === 1 ? 'drain' : 'leave');
  });
  process.on('SIGTERM', () => {
    daemon.stop('leave');
  });
  process.on('SIGHUP', () => {
    daemon.stop('leave');
  });
}
