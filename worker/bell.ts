/** What a timer can be set to. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Something to wait at: until it is rung, or until a time is up. One waits, anyone rings. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at once if it was rung since the last wait. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, Math.min(ms, LONGEST_WAIT_MS));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#wake = undefined;
  }
}
