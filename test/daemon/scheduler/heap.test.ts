import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Heap, type Placed } from '../../../daemon/scheduler/heap.js';

interface Item extends Placed {
  readonly rank: number;
  readonly id: number;
}

const before = (a: Item, b: Item): boolean => a.rank < b.rank || (a.rank === b.rank && a.id < b.id);
const inOrder = (items: readonly Item[]): Item[] => [...items].sort((a, b) => (before(a, b) ? -1 : 1));

/** Pushes a rank, or takes out the member at this fraction of those that are in, wherever it stands. */
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.nat({ max: 50 }) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.double({ min: 0, max: 0.999, noNaN: true }) }) },
  ),
  { maxLength: 300, size: 'max' },
);

describe('a heap', () => {
  test('does what a sorted list does, whoever leaves it and from where', () => {
    fc.assert(
      fc.property(steps, happenings => {
        const heap = new Heap<Item>(before);
        const list: Item[] = [];
        for (const [id, step] of happenings.entries()) {
          if ('push' in step) {
            const item = { rank: step.push, id, place: -1 };
            heap.push(item);
            list.push(item);
          } else {
            const [item] = list.splice(Math.floor(step.remove * list.length), 1);
            if (item === undefined) continue;
            heap.remove(item);
            expect(item.place).toBe(-1);
            expect(heap.has(item)).toBe(false);
          }
          expect(heap.size).toBe(list.length);
          expect(heap.peek()).toBe(inOrder(list)[0]);
          expect(list.every(item => heap.has(item))).toBe(true);
        }
        const left: Item[] = [];
        for (let item = heap.peek(); item !== undefined; item = heap.peek()) {
          heap.remove(item);
          left.push(item);
        }
        expect(left).toEqual(inOrder(list));
      }),
      { numRuns: 100 },
    );
  });

  test('takes no item twice, and gives none that is not in it', () => {
    const heap = new Heap<Item>(before);
    const other = new Heap<Item>(before);
    const item = { rank: 1, id: 1, place: -1 };
    expect(() => heap.remove(item)).toThrow('does not stand in this heap');
    heap.push(item);
    expect(() => other.push(item)).toThrow('in a heap already');
    expect(other.has(item)).toBe(false);
    expect(() => other.remove(item)).toThrow('does not stand in this heap');
    expect(heap.peek()).toBe(item);
  });
});
