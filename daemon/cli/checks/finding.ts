/** One thing that `doctor` looked at. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'bad';
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export const fine = (name: string, message: string): Finding => ({ name, state: 'ok', message });

export const doubtful = (name: string, message: string, remedy: string): Finding => ({
  name,
  state: 'warn',
  message,
  remedy,
});

export const bad = (name: string, message: string, remedy: string): Finding => ({
  name,
  state: 'bad',
  message,
  remedy,
});
