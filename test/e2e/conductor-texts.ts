/** Single quotes, block lists, groups, boxes with comments behind them; every box is ticked. */
export const harbour = `# Plan: harbour_service_20260301

## Overview

Tide tables, moorings and the desk that gives them out.

## DAG

\`\`\`yaml
dag:
  nodes:
    - id: '1.1'
      name: 'Read the tide tables'
      type: 'code'
      files:
        - 'server/tides/reader.ts'
        - 'server/tides/routes.ts'
      depends_on: []
      estimated_duration: '60m'
      phase: 1
    - id: '1.2'
      name: 'Keep the list of moorings'
      type: 'code'
      files:
        - 'server/moorings/list.ts'
        - 'server/moorings/routes.ts'
      depends_on: []
      estimated_duration: '60m'
      phase: 1
    - id: '2.1'
      name: 'Serve tides'
      type: 'integration'
      files:
        - 'server/tides/routes.ts'
      depends_on:
        - '1.1'
      estimated_duration: '45m'
      phase: 2
    - id: '2.2'
      name: 'Serve moorings'
      type: 'integration'
      files:
        - 'server/moorings/routes.ts'
      depends_on:
        - '1.2'
      estimated_duration: '45m'
      phase: 2
    - id: '3.1'
      name: 'Check the whole desk'
      type: 'test'
      files:
        - 'server/tides/routes.ts'
        - 'server/moorings/routes.ts'
        - 'tests/desk.test.ts'
      depends_on:
        - '2.1'
        - '2.2'
      estimated_duration: '30m'
      phase: 3

  parallel_groups:
    - id: 'pg-1'
      tasks:
        - '1.1'
        - '1.2'
      conflict_free: true
    - id: 'pg-2'
      tasks:
        - '2.1'
        - '2.2'
      conflict_free: true
\`\`\`

## Phase 1

- [x] Task 1.1: Read the tide tables <!-- deps: none, parallel: pg-1 -->
  - **Acceptance**: a year is read in a second
  - **Files**: \`server/tides/*\`
- [x] Task 1.2: Keep the list of moorings <!-- deps: none, parallel: pg-1 -->

## Phase 2

- [x] Task 2.1: Serve tides <!-- deps: 1.1, parallel: pg-2 -->
- [x] Task 2.2: Serve moorings <!-- deps: 1.2, parallel: pg-2 -->

## Phase 3

- [x] Task 3.1: Check the whole desk <!-- deps: 2.1, 2.2 -->
`;

/** Flow lists, globs, estimates that are none, boxes of other lists, a trailing blank or two; half of it is done. */
export const lighthouse = `# Lighthouse keeper's log: implementation plan

\`\`\`yaml
dag:
  nodes:
    - id: "0.1"
      name: "Walk through the old log books"
      type: "research"
      files: ["archive/*", "web/pages/*"]
      depends_on: []
      estimated_duration: "completed"
      phase: 0
    - id: "0.2"
      name: "Write down what a log entry is"
      type: "documentation"
      files: ["conductor/tracks/lighthouse/spec.md"]
      depends_on: ["0.1"]
      estimated_duration: "completed"
      phase: 0
    - id: "1.1"
      name: "Entries and their store"
      type: "code"
      files: ["store/entries.ts"]
      depends_on: ["0.2"]
      estimated_duration: "45m"
    - id: "2.1"
      name: "Pages for the web"
      type: "ui"
      files: ["web/pages/*"]
      depends_on: ["1.1"]
    - id: "2.2"
      name: "Print the log"
      type: "code"
      files: ["print/**", "store/entries.ts"]
      depends_on: ["1.1"]
    - id: "2.3"
      name: "Months and years on the web"
      type: "ui"
      files: ["web/pages/year.tsx"]
      depends_on: ["1.1"]
    - id: "3.1"
      name: "Walk through it all once more"
      type: "test"
      files: []
      depends_on: ["2.1", "2.2", "2.3"]
  parallel_groups:
    - id: "pg-1"
      tasks: ["2.1", "2.2"]
      conflict_free: true
    - id: "pg-2"
      tasks: ["2.1", "2.3"]
      conflict_free: false
      shared_resources: ["web/pages/year.tsx"]
      coordination_strategy: "file_lock"
\`\`\`

## Tasks

- [x] Task 0.1: Walk through the old log books
- [x] Task 0.2: Write down what a log entry is
- [ ] Task 1.1: Entries and their store  
- [~] Task 2.1: Pages for the web
- [ ] Task 2.2: Print the log
  - [ ] 3 proofs read
- [!] Task 2.3: Months and years on the web
- [ ] Task 3.1: Walk through it all once more

## Review

- [ ] UI-1: The keeper finds last night's entry → Verify: two clicks from the start page
- [x] UI-2: An empty month says that it is empty
`;

/** Nothing but ids, names and dependencies: neither files nor types nor groups. */
export const ferry = `# Ferry timetable

\`\`\`yaml
dag:
  nodes:
    - id: "1.1"
      name: "Collect the crossings"
      depends_on: []
    - id: "1.2"
      name: "Collect the holidays"
      depends_on: ["1.1"]
    - id: "2.1"
      name: "Lay out the table"
      depends_on: ["1.1"]
    - id: "2.2"
      name: "Number the pages"
      depends_on: ["2.1"]
    - id: "3.1"
      name: "Show it on the quay"
      depends_on: ["1.1"]
    - id: "4.1"
      name: "Read it as a passenger would"
      depends_on: ["1.2", "2.2", "3.1"]
\`\`\`

- [ ] Task 1.1: Collect the crossings
- [ ] Task 1.2: Collect the holidays
- [ ] Task 2.1: Lay out the table
- [ ] Task 2.2: Number the pages
- [ ] Task 3.1: Show it on the quay
- [ ] Task 4.1: Read it as a passenger would

## Discovered work

- The timetable of 2019 has a crossing that leaves before it arrives.
`;

/** Many tasks on a few files, a group that is wrong about it, code fences of other kinds, ids in bold, CRLF. */
export const buoys = `# Buoy registry guardrails

Some of what comes first is code:

\`\`\`python
def register(buoy):  # - [ ] Task 1.1: not a task
    return {"dag": buoy}
\`\`\`

\`\`\`yaml
# the shape of a record, no plan
record:
  id: "1.1"
\`\`\`

\`\`\`yaml
dag:
  nodes:
    - id: "1.1"
      name: "Columns for colours"
      type: "schema"
      files: ["migrate/entry.sh"]
      depends_on: []

    - id: "1.2"
      name: "Columns for lights"
      type: "schema"
      files: ["migrate/entry.sh"]
      depends_on: []

    - id: "1.3"
      name: "Columns for bells"
      type: "schema"
      files: ["./migrate/entry.sh (end of file)"]
      depends_on: []

    - id: "2.1"
      name: "Parse the notices"
      type: "code"
      files: ["registry/notices.py:10-80"]
      depends_on: []

    - id: "3.1"
      name: "Refuse a buoy without a light"
      type: "code"
      files: ["registry/", "migrate/entry.sh"]
      depends_on: ["1.1", "1.2", "1.3", "2.1"]

    - id: "4.1"
      name: "Show what was refused"
      type: "ui"
      files: ["web/refused.jsx", "registry/models.py"]
      depends_on: ["3.1"]

    - id: "4.2"
      name: "Tests for all of it"
      type: "test"
      files: ["tests/test_notices.py"]
      depends_on: ["3.1"]

  parallel_groups:
    - id: pg-1
      tasks: ["1.1", "1.2", "1.3", "2.1"]
      conflict_free: true
    - id: pg-2
      tasks: ["4.1", "4.2", "4.3"]
      conflict_free: true
\`\`\`

1. [ ] **1.1** Columns for colours
2. [ ] **1.2** Columns for lights
3. [ ] **1.3** Columns for bells

* [ ] **2.1** Parse the notices
* [ ] **3.1** Refuse a buoy without a light, as \`refuse()\` says
* [ ] **4.1** Show what was refused
* [ ] **4.2** Tests for all of it
`.replaceAll('\n', '\r\n');
