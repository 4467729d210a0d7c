import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { printable } from '../../bus-schema/printable.js';
import { findBus } from '../bus/open-bus.js';
import { folderFindings } from './checks/bus-folder.js';
import { bad, doubtful, type Finding } from './checks/finding.js';
import { checkJournal } from './checks/journal.js';
import { isToBeHad } from '../pool/containment.js';
import { containmentAsked, loadConfig } from '../settings.js';
import { containmentFinding, machineFindings } from './checks/machine.js';
import { processFindings } from './checks/processes.js';
import { EXIT } from './exit-codes.js';
import type { BusFlags, JsonFlags } from './flags.js';
import { daemonSign } from './sign.js';
import { colour, out, outJson } from './terminal.js';

const LOOKS = {
  ok: { word: 'ok  ', style: 'green' },
  warn: { word: 'warn', style: 'yellow' },
  bad: { word: 'bad ', style: 'red' },
} as const;

/** `signalbox doctor`: everything that can be looked at without changing it. */
export async function doctor(flags: JsonFlags): Promise<number> {
  const findings = [
    ...machineFindings(process.env.PATH ?? '', process.versions.node),
    ...containmentFindings(flags),
    ...(await busFindings(flags)),
  ];
  const sound = findings.every(finding => finding.state !== 'bad');
  if (flags.json === true) outJson({ ok: sound, findings });
  else out(findings.map(line).join(''));
  return sound ? EXIT.complete : EXIT.failed;
}

/** Of the bus's own setting, if there is a bus. */
function containmentFindings(flags: BusFlags): Finding[] {
  const { bus, repo } = findBus(process.cwd(), flags.bus);
  const config = loadConfig(bus, repo);
  const asked = containmentAsked(config.ok ? config.value : {}, process.env);
  if (!asked.ok) return [bad('containment', asked.error.message, asked.error.remedy)];
  return [containmentFinding(asked.value, isToBeHad, process.platform)];
}

async function busFindings(flags: BusFlags): Promise<Finding[]> {
  const place = findBus(process.cwd(), flags.bus);
  if (!place.exists)
    return [doubtful('bus', `there is none at ${place.bus}`, 'Make one with `signalbox init`')];
  const folder = await folderFindings(place);
  // Of a bus that may not be used nothing is read either.
  if (folder.some(({ name, state }) => name === 'bus' && state === 'bad')) return folder;
  const sign = existsSync(join(place.bus, layout.daemonLock))
    ? daemonSign(place.bus)
    : { up: false as const };
  const journal = checkJournal(place.bus, sign.up);
  return [...folder, ...journal.findings, ...processFindings(place, sign, journal.past?.state)];
}

function line({ name, state, message, remedy }: Finding): string {
  const { word, style } = LOOKS[state];
  const help = remedy === undefined || state === 'ok' ? '' : `\n${' '.repeat(6)}${printable(remedy, 400)}`;
  return `${colour('out', style, word)}  ${name}: ${printable(message, 500)}${help}\n`;
}
