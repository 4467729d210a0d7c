import { join } from 'node:path';
import { DEFAULTS, type Config } from '../bus-schema/config.js';
import { containmentSettingSchema, type ContainmentSetting } from '../bus-schema/containment.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import { layout } from '../bus-schema/layout.js';
import { printable } from '../bus-schema/printable.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { readNamedFile } from '../bus-schema/store/read-file.js';
import { mergeConfigs, readConfig } from './plan/read-config.js';
import { chooseContainment } from './pool/containment.js';

/** At the repo's root, for settings that belong with the repo; the bus's own file has the last word. */
export const REPO_CONFIG = 'signalbox.config.yaml';
const LARGEST_CONFIG_BYTES = 1024 ** 2;

/** The config of a bus: both files, all that is wrong with either. */
export function loadConfig(bus: string, repo: string): Result<Config, Diagnostic[]> {
  const [ofRepo, ofBus] = [join(repo, REPO_CONFIG), join(bus, layout.config)].map(file => {
    const read = readNamedFile(file, LARGEST_CONFIG_BYTES);
    if (read.ok) return readConfig(read.value.text, file);
    if (read.error.kind === 'vanished') return ok<Config>({});
    const why = read.error.kind === 'unfinished' ? 'it is being written' : read.error.why;
    return fail<Diagnostic[]>([{ severity: 'error', file, message: `the config cannot be read: ${why}` }]);
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

/** Overrules the config, for one start. */
const CONTAINMENT_VARIABLE = 'SIGNALBOX_CONTAINMENT';

/** What is asked to hold workers and what they start together; the error is about a word that names nothing. */
export function containmentAsked(
  config: Config,
  environment: NodeJS.ProcessEnv,
): Result<ContainmentSetting, { readonly message: string; readonly remedy: string }> {
  const word = environment[CONTAINMENT_VARIABLE] ?? config.containment ?? 'auto';
  const setting = containmentSettingSchema.safeParse(word);
  if (setting.success) return ok(setting.data);
  return fail({
    message: `${CONTAINMENT_VARIABLE} is "${printable(word, 60)}", which is no containment`,
    remedy: `It is one of ${containmentSettingSchema.options.join(', ')}`,
  });
}

/** The same; one that is not to be had here is an error that says why. */
export function containmentSetting(config: Config, bus: string): Result<ContainmentSetting, Diagnostic> {
  const asked = containmentAsked(config, process.env);
  const chosen = asked.ok && asked.value !== 'auto' ? chooseContainment(asked.value) : asked;
  return chosen.ok ? chosen : fail({ severity: 'error', file: bus, ...chosen.error });
}
