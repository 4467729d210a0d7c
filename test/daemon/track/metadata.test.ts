import { describe, expect, test } from '@jest/globals';
import { setInMetadata } from '../../../daemon/track/metadata.js';

const STEP = [
  [['loop_state', 'current_step'], 'EVALUATE_EXECUTION'],
  [['loop_state', 'step_status'], 'NOT_STARTED'],
] as const;

/** Everything but the two values, so that what was left alone can be compared byte for byte. */
const around = (text: string): string[] => text.split(/"(?:EXECUTE|RUNNING|EVALUATE_EXECUTION|NOT_STARTED)"/);

describe('metadata that has the keys', () => {
  test.each([
    [
      'tabs',
      '{\n\t"id": "t",\n\t"loop_state": {\n\t\t"current_step": "EXECUTE",\n\t\t"step_status": "RUNNING"\n\t}\n}\n',
    ],
    [
      'CRLF',
      '{\r\n  "loop_state": {\r\n    "step_status": "RUNNING",\r\n    "current_step": "EXECUTE"\r\n  }\r\n}\r\n',
    ],
    ['one line, no end', '{"loop_state":{"current_step":"EXECUTE","step_status":"RUNNING"},"n":[1,2]}'],
    [
      'odd spacing',
      '{ "a" :1 ,\n\n   "loop_state"\n:{"current_step"  :  "EXECUTE" , "step_status":"RUNNING"},\n "b":[ 1 ,2 ] }  ',
    ],
    [
      'numbers as they were written',
      '{"v":1.0,"w":1e3,"x":12345678901234567890,"loop_state":{"current_step":"EXECUTE","step_status":"RUNNING"}}',
    ],
    [
      'letters as they were written',
      '{"t":"\\u00e9 \\/ é 😀","loop_state":{"current_step":"EXECUTE","step_status":"RUNNING"}}',
    ],
    [
      'the same words in other places',
      '{"current_step":1,"note":"loop_state: {\\"current_step\\"}","old":{"loop_state":{"current_step":2}},"loop_state":{"current_step":"EXECUTE","step_status":"RUNNING","more":{"current_step":3}}}',
    ],
  ])('%s: nothing but the values changes', (_what, text) => {
    const changed = setInMetadata(text, STEP);
    expect(changed.problem).toBeUndefined();
    expect(around(changed.text)).toEqual(around(text));
    expect(JSON.parse(changed.text)).toMatchObject({
      loop_state: { current_step: 'EVALUATE_EXECUTION', step_status: 'NOT_STARTED' },
    });
    expect(setInMetadata(changed.text, STEP).text).toBe(changed.text);
  });
});

describe('metadata that lacks them', () => {
  test.each([
    [
      'tabs',
      '{\n\t"id": "t"\n}\n',
      '{\n\t"id": "t",\n\t"loop_state": {\n\t\t"current_step": "EVALUATE_EXECUTION",\n\t\t"step_status": "NOT_STARTED"\n\t}\n}\n',
    ],
    [
      'four spaces and CRLF',
      '{\r\n    "id": "t"\r\n}\r\n',
      '{\r\n    "id": "t",\r\n    "loop_state": {\r\n        "current_step": "EVALUATE_EXECUTION",\r\n        "step_status": "NOT_STARTED"\r\n    }\r\n}\r\n',
    ],
  ])('gets them in its own layout: %s', (_what, text, wanted) => {
    expect(setInMetadata(text, STEP)).toEqual({ text: wanted });
  });

  test.each([
    [
      'beside keys in one line',
      '{ "loop_state" : {"current_step":"A",  "step_status": "B"} ,"z":1e2}',
      '{ "loop_state" : {"current_step":"A",  "step_status": "B", "n": {"a": 7, "b": 8}} ,"z":1e2}',
    ],
    [
      'in lines, beside objects that are not',
      '{\n\t"loop_state": {\n\t\t"step" :"A",\n\t\t"checks": { "PLAN" : {"status":"P"} }\n\t}\n}  ',
      '{\n\t"loop_state": {\n\t\t"step" :"A",\n\t\t"checks": { "PLAN" : {"status":"P"} },\n\t\t"n": {\n\t\t\t"a": 7,\n\t\t\t"b": 8\n\t\t}\n\t}\n}  ',
    ],
    [
      'in an empty object',
      '{\n  "loop_state": {}, "z": [1,2]\n}',
      '{\n  "loop_state": {\n    "n": {\n      "a": 7,\n      "b": 8\n    }\n  }, "z": [1,2]\n}',
    ],
  ])('gets new ones, and what stands around is left as it is: %s', (_what, text, wanted) => {
    const counts = [
      [['loop_state', 'n', 'a'], 7],
      [['loop_state', 'n', 'b'], 8],
    ] as const;
    expect(setInMetadata(text, counts)).toEqual({
      text: wanted.replace('{"a": 7, "b": 8}', '{"a":7, "b": 8}'),
    });
    expect(setInMetadata(wanted, counts)).toEqual({ text: wanted });
  });

  test.each(['{}', '{"loop_state":{}}', '{"loop_state":null}'])('%s gets them', text => {
    const changed = setInMetadata(text, STEP);
    expect(changed.problem).toBeUndefined();
    expect(JSON.parse(changed.text)).toEqual({
      loop_state: { current_step: 'EVALUATE_EXECUTION', step_status: 'NOT_STARTED' },
    });
  });
});

test.each(['', '{"a":', '[1]', '"text"', 'null', '// note\n{}', '{"a":1,}', '{"a":1} x'])(
  '%j is left alone, and said to be no JSON object',
  text => {
    expect(setInMetadata(text, STEP)).toEqual({ text, problem: 'it is no JSON object' });
  },
);

test.each(['{"loop_state":"EXECUTE"}', '{"loop_state":[1]}', '{"loop_state":5}'])(
  '%s is left alone: the author meant something else',
  text => {
    expect(setInMetadata(text, STEP)).toEqual({ text, problem: 'its loop_state is no object' });
  },
);
