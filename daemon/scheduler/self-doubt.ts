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
  /** Bus time from which on another mass is a new one, though some of this one could not be ended. */
  #over = Infinity;

  judge<Id>({ watched, suspects, silent, limitMs }: Silence<Id>, now: number): Verdict<Id> {
    if (silent.length === 0 || now > this.#over) this.#forget();
    const isMass = suspects >= 2 && suspects * 2 >= watched;
    if (this.#until === undefined && silent.length > 0 && isMass) {
      this.#until = now + limitMs;
      return { kind: 'doubted', forMs: limitMs };
    }
    if (this.#until !== undefined) {
      if (now <= this.#until) return { kind: 'spare' };
      this.#over = Math.min(this.#over, now + limitMs);
    }
    return { kind: 'reap', silent };
  }

  /** Time in which nobody looked is no part of the period for which the silent are spared. */
  excuse(ms: number): void {
    if (this.#until !== undefined) this.#until += ms;
    this.#over += ms;
  }

  #forget(): void {
    this.#until = undefined;
    this.#over = Infinity;
  }
}
