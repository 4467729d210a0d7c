import { findProgram } from '../agents-on-path.js';
import { bad, doubtful, fine, type Finding } from './finding.js';

const AGENTS = ['claude', 'codex', 'gemini', 'opencode'] as const;
/** Major and minor version of Node that we need at least. */
const OLDEST = [20, 19] as const;

/** What this machine has, whatever the bus. `path` is a PATH, `node` a version such as `20.19.0`. */
export function machineFindings(path: string, node: string, platform: NodeJS.Platform): Finding[] {
  return [nodeFinding(node), lockFinding(path), containmentFinding(platform), agentsFinding(path)];
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

/** How well an attempt's processes are found again when it is ended. */
function containmentFinding(platform: NodeJS.Platform): Finding {
  const name = 'containment';
  if (platform === 'linux') {
    return fine(
      name,
      'process group + environment marker; a child that cleared its environment and left the session escapes it',
    );
  }
  return doubtful(
    name,
    'process group only: a child that left the group escapes it',
    'Run plans whose tasks leave processes behind on Linux, or in a container',
  );
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
