/** What can stand in one heap at a time: the heap writes its place there. */
export interface Placed {
  /** Index in its heap; -1 outside. */
  place: number;
}

/** A priority queue whose members can leave from anywhere in logarithmic time. */
export class Heap<T extends Placed> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** @param before whether `a` leaves before `b`; must be a strict total order, or replays would differ. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    if (item.place !== -1) throw new Error('Internal error: the item stands in a heap already');
    this.#items.push(item);
    this.#up(item, this.#items.length - 1);
  }

  remove(item: T): void {
    const place = item.place;
    if (this.#items[place] !== item) throw new Error('Internal error: the item does not stand in this heap');
    const last = this.#items.pop();
    item.place = -1;
    if (last === undefined || last === item) return;
    this.#down(last, place);
    this.#up(last, last.place);
  }

  has(item: T): boolean {
    return this.#items[item.place] === item;
  }

  #up(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.#before(item, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(item, place);
  }

  #down(item: T, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      let child = this.#items[below];
      if (child === undefined) break;
      const right = this.#items[below + 1];
      if (right !== undefined && this.#before(right, child)) {
        child = right;
        below++;
      }
      if (!this.#before(child, item)) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(item, place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}
