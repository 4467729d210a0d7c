/**
 * Chance without randomness: what looks random is drawn from the seed in the state and a label that is used once, so a
 * replay draws the same.
 */

/** Four 32-bit words from a text (the cyrb128 mix): well spread, not secret. */
function mix(text: string): [number, number, number, number] {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

/** From 0 up to, not including, 1. */
export function chance(seed: string, label: string): number {
  return mix(`${seed}/${label}`)[0] / 2 ** 32;
}

/** 32 hex digits. */
export function hex128(seed: string, label: string): string {
  return mix(`${seed}/${label}`)
    .map(word => word.toString(16).padStart(8, '0'))
    .join('');
}
