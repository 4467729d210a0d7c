import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { jsonSchemaText, PUBLISHED, schemaFolder } from '../../scripts/json-schemas.js';
import { ROOT } from '../tidy/source.js';

const folder = schemaFolder(ROOT);

/** Shown by jest beside what differs. */
const remedy = 'run: npm run schemas';

describe('the published JSON schemas', () => {
  test('there is a file for each and no other', () => {
    expect({ remedy, files: readdirSync(folder).sort() }).toEqual({
      remedy,
      files: Object.keys(PUBLISHED)
        .map(name => `${name}.json`)
        .sort(),
    });
  });

  test.each(Object.entries(PUBLISHED))('%s.json says what the code says', (name, published) => {
    const text = readFileSync(join(folder, `${name}.json`), 'utf8');
    expect({ remedy, text }).toEqual({ remedy, text: jsonSchemaText(published) });
  });

  test('they tell what is required, what is optional, and what an id looks like', () => {
    const text = readFileSync(join(folder, 'claim.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      type: 'object',
      required: ['attempt', 'token', 'by', 'holder'],
      properties: {
        token: { type: 'string', pattern: '^[0-9a-f]{32}$' },
        by: { enum: ['worker', 'daemon'] },
      },
      additionalProperties: false,
    });
  });
});
