/** Who is silent at one look, and among how many. */
export interface Silence<Id> {
  readonly watched: number;
  /** How many have been silent for about as long: they may have fallen silent at the same moment. */
  readonly suspects: number;
  /** Those that have been silent for too long. */
  readonly silent: readonly Id[];
  /** What too long is. */
  readonly limitMs: number;
}

/** `doubted`: from this look on we doubt ourselves; who is silent is spared for so long. */
export type Verdict<Id> =
  | { readonly kind: 'reap'; readonly silent: readonly Id[] }
  | { readonly kind: 'spare' }
  | { readonly kind: 'doubted'; readonly forMs: number };

/**
 * When many fall silent at once, it is rather we who do not hear: a machine that swaps, a disk that hangs. So nobody is
 * ended for one more full period; after that, those that are still silent are. One among two proves nothing and is dealt
 * with at once.
 */
export class SelfDoubt {
  /** Bus time at which the spared are spared no longer. */
  #until: number | undefined;

  judge<Id>({ watched, suspects, silent, limitMs }: Silence<Id>, now: number): Verdict<Id> {
    // All are back, or what could be ended has had as long again to end: the next mass is a new one.
    if (silent.length === 0 || (this.#until !== undefined && now > this.#until + limitMs))
      this.#until = undefined;
    if (silent.length === 0) return { kind: 'reap', silent };
    if (this.#until !== undefined) return now <= this.#until ? { kind: 'spare' } : { kind: 'reap', silent };
    if (suspects < 2 || suspects * 2 < watched) return { kind: 'reap', silent };
    this.#until = now + limitMs;
    return { kind: 'doubted', forMs: limitMs };
  }
}
