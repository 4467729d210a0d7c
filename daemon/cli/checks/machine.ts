import {
  CONTAINMENT_WORDS,
  CONTAINMENTS,
  type ContainmentKind,
  type ContainmentSetting,
} from '../../../bus-schema/containment.js';
import type { Result } from '../../../bus-schema/result.js';
import { findProgram } from '../agents-on-path.js';
import { bad, doubtful, fine, type Finding } from './finding.js';

const AGENTS = ['claude', 'codex', 'gemini', 'opencode'] as const;
/** Major and minor version of Node that we need at least. */
const OLDEST = [20, 19] as const;

/** What this machine has, whatever the bus. `path` is a PATH, `node` a version such as `20.19.0`. */
export function machineFindings(path: string, node: string): Finding[] {
  return [nodeFinding(node), lockFinding(path), agentsFinding(path)];
}

function nodeFinding(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const oldest = OLDEST.join('.');
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
    ? fine('node', `Node ${node}`)
    : bad('node', `Node ${node} is too old`, `Install Node ${oldest} or newer`);
}

function lockFinding(path: string): Finding {
  const program = ['flock', 'perl'].map(name => findProgram(name, path)).find(found => found !== undefined);
  return program === undefined
    ? bad(
        'locks',
        'neither flock nor perl is on PATH, so no bus can be held',
        'Install util-linux, which has flock',
      )
    : fine('locks', `kernel locks are taken by ${program}`);
}

/**
 * What holds an attempt's processes together, so that they are found when it is ended.
 * @param isToBeHad the error says why not.
 */
export function containmentFinding(
  setting: ContainmentSetting,
  isToBeHad: (kind: ContainmentKind) => Result<true, string>,
  platform: NodeJS.Platform,
): Finding {
  const name = 'containment';
  const looks = CONTAINMENTS.map(kind => ({ kind, there: isToBeHad(kind) }));
  const others = (chosen: ContainmentKind): string =>
    looks
      .filter(({ kind }) => kind !== chosen && kind !== 'group')
      .map(({ kind, there }) => (there.ok ? `${kind} is there too` : `no ${kind}: ${there.error}`))
      .join('; ');
  const found = looks.find(({ kind, there }) => there.ok && (setting === 'auto' || kind === setting));
  if (found === undefined) {
    const there = looks.filter(look => look.there.ok).map(({ kind }) => kind);
    return bad(
      name,
      `${setting} is asked for and not to be had (${others('group')})`,
      `Set containment to auto${there.map(kind => `, ${kind}`).join('')}`,
    );
  }
  const { kind } = found;
  if (kind === 'group' && platform !== 'linux')
    return doubtful(
      name,
      'process group only: a child that left the group escapes it',
      'Run plans whose tasks leave processes behind on Linux, or in a container',
    );
  return fine(name, `${kind}: ${CONTAINMENT_WORDS[kind]} (${others(kind)})`);
}

function agentsFinding(path: string): Finding {
  const there = AGENTS.filter(agent => findProgram(agent, path) !== undefined);
  const absent = AGENTS.filter(agent => !there.includes(agent));
  const parts = [
    ...(there.length > 0 ? [`on PATH: ${there.join(', ')}`] : []),
    ...(absent.length > 0 ? [`not on PATH: ${absent.join(', ')}`] : []),
  ];
  return fine('agents', parts.join('; '));
}
