import type { Fact } from '../../bus-schema/fact.js';
import { unreachable } from '../../bus-schema/result.js';
import { submit } from './admit.js';
import { abandon, cancel } from './cancel.js';
import { dispatch } from './dispatch.js';
import { deferredDue } from './defer.js';
import { drain, pause, resume, setLimit } from './drain.js';
import { expired, outsideLockSeen, outsideLocksGone } from './outside-lock.js';
import { prune } from './prune.js';
import { due, reopen } from './retry.js';
import { grant, locksAsked, locksGivenBack } from './run-lock.js';
import { exited, reported } from './settle.js';
import { overdue, stalled } from './stall.js';
import type { Instant, Message } from './message.js';
import type { State } from './state.js';

/**
 * What follows from a message: facts, to be made durable and then folded in by `evolve`, all or none. Changes nothing;
 * an empty answer means that the message has no effect (any more).
 */
export function decide(state: State, message: Message, now: Instant): readonly Fact[] {
  switch (message.type) {
    case 'Boot': {
      const { bootId, pid, version, seed, maxParallel } = message;
      return [{ type: 'DaemonStarted', bootId, pid, version, seed, maxParallel }];
    }
    case 'Submit':
      return submit(state, message);
    case 'Tick':
      return [...due(state, now), ...deferredDue(state), ...overdue(state, now), ...expired(state, now)];
    case 'Dispatch': {
      // Who waits goes before who has not begun.
      const granted = grant(state);
      return granted.length > 0 ? granted : dispatch(state, now);
    }
    case 'LocksAsked':
      return locksAsked(state, message);
    case 'LocksGivenBack':
      return locksGivenBack(state, message);
    case 'OutsideLockSeen':
      return outsideLockSeen(state, message);
    case 'OutsideLocksGone':
      return outsideLocksGone(state, message);
    case 'Reported':
      return reported(state, message);
    case 'Exited':
      return exited(state, message, now);
    case 'Stalled':
      return stalled(state, message.attempt);
    case 'WorkerLost':
      return [{ type: 'WorkerLost', worker: message.worker, message: message.message }];
    case 'Cancel':
      return cancel(state, message);
    case 'Abandon':
      return abandon(state, message);
    case 'Retry':
      return reopen(state, message);
    case 'Prune':
      return prune(state, message);
    case 'Pause':
      return pause(state, message.run);
    case 'Resume':
      return resume(state, message.run);
    case 'SetLimit':
      return setLimit(state, message.maxParallel);
    case 'Drain':
      return drain(state);
    default:
      return unreachable(message);
  }
}
