import { expect, test } from '@jest/globals';
import { figure, figuresOf } from '../../bench/figures.js';
import { seriesTable, textOf } from '../../bench/table.js';

test('of an even number of values the median is between the two in the middle', () => {
  expect(figuresOf([3, 1, 2])).toMatchObject({ median: 2, min: 1, max: 3 });
  expect(figuresOf([4, 1, 2, 3])).toMatchObject({ median: 2.5, min: 1, max: 4 });
});

test('figures have the digits that say something', () => {
  expect([1234.5, 12.34, 1.234, 0.0123, 0].map(each => figure(each))).toEqual([
    ...['1235', '12.3', '1.23', '0.012', '0.00'],
  ]);
  expect(figure(5, 'ms')).toBe('5.00 ms');
});

test('a table has names to the left, numbers to the right, and each to the reference', () => {
  const series = [
    { name: 'ours', figures: figuresOf([150]) },
    { name: 'peer', figures: figuresOf([100]) },
  ];
  expect(textOf(seriesTable('Who', 'ms', series, 'peer'))).toBe(
    'Who\n      median, ms  min  max  to peer\nours         150  150  150    1.50x\npeer         100  100  100    1.00x\n',
  );
});

test('without its reference a table has no ratios', () => {
  const ours = { name: 'ours', figures: figuresOf([150]) };
  expect(seriesTable('Who', 'ms', [ours], 'peer').heads).toEqual([...['', 'median, ms', 'min', 'max']]);
});
