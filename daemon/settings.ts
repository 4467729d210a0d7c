import { join } from 'node:path';
import { DEFAULTS, type Config } from '../bus-schema/config.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import { layout } from '../bus-schema/layout.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { readIfThere } from '../bus-schema/store/read-file.js';
import { mergeConfigs, readConfig } from './plan/read-config.js';

/** At the repo's root, for settings that belong with the repo; the bus's own file has the last word. */
export const REPO_CONFIG = 'signalbox.config.yaml';

/** The config of a bus: both files, all that is wrong with either. */
export function loadConfig(bus: string, repo: string): Result<Config, Diagnostic[]> {
  const [ofRepo, ofBus] = [join(repo, REPO_CONFIG), join(bus, layout.config)].map(file => {
    const text = readIfThere(file);
    return text === undefined ? ok<Config>({}) : readConfig(text, file);
  });
  if (ofRepo?.ok === true && ofBus?.ok === true) return ok(mergeConfigs(ofRepo.value, ofBus.value));
  return fail([ofRepo, ofBus].flatMap(each => (each?.ok === false ? each.error : [])));
}

/** What the daemon itself goes by. */
export interface DaemonSettings {
  readonly heartbeatMs: number;
  readonly settleGraceMs: number;
  readonly killGraceMs: number;
  readonly logCapBytes: number;
}

export function daemonSettings(config: Config): DaemonSettings {
  return {
    heartbeatMs: config.heartbeat ?? DEFAULTS.heartbeatMs,
    settleGraceMs: config.settle_grace ?? DEFAULTS.settleGraceMs,
    killGraceMs: config.kill_grace ?? DEFAULTS.killGraceMs,
    logCapBytes: config.log_cap ?? DEFAULTS.logCapBytes,
  };
}
