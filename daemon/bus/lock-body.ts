import { z } from 'zod';
import { decodeJson } from '../../bus-schema/codec.js';
import { ifFits, isJson, type DropBody } from './drop-body.js';

const claim = z.object({
  run_id: ifFits(z.string()),
  attempt_id: ifFits(z.string()),
  token: ifFits(z.string()),
  task_id: ifFits(z.string()),
  worker_id: ifFits(z.string()),
  paths: ifFits(z.array(z.string())),
  /** One path, under the names that it has in the wild. */
  filepath: ifFits(z.string()),
  file: ifFits(z.string()),
  path: ifFits(z.string()),
  /** Of a request to give back: only what is still waited for. */
  withdraw: ifFits(z.boolean()),
});
const message = z.object({ source: ifFits(z.string()), payload: claim });

/**
 * What the body of a request for locks, or to give them back, says: a message, or its payload alone. `cut` when it looks
 * like JSON that is not all there yet.
 */
export function decodeLockBody(text: string): DropBody | 'cut' {
  if (!text.trimStart().startsWith('{')) return { text };
  const whole = decodeJson(text, message);
  const bare = whole.ok ? whole.value.payload : decodeJson(text, claim);
  if ('ok' in bare && !bare.ok) return isJson(text) ? { text } : 'cut';
  const said = 'ok' in bare ? bare.value : bare;
  const paths = said.paths ?? [said.filepath ?? said.file ?? said.path ?? ''].filter(path => path !== '');
  // The source system's workers say who they are in the envelope.
  const worker = said.worker_id ?? (whole.ok ? whole.value.source : undefined);
  const { run_id, attempt_id, token, task_id, withdraw } = said;
  return {
    ...(run_id === undefined ? {} : { run: run_id }),
    ...(attempt_id === undefined ? {} : { attempt: attempt_id }),
    ...(token === undefined ? {} : { token }),
    ...(task_id === undefined ? {} : { task: task_id }),
    ...(worker === undefined ? {} : { worker }),
    ...(withdraw === true ? { withdraw } : {}),
    paths,
    text: '',
  };
}
