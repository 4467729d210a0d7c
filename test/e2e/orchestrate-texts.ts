/** Tasks files as their authors write them. */

export const LIGHTHOUSE = `# Tasks: lighthouse
Generated: 2026-01-02 03:04:05

## P0 Critical

### T001: Lay the foundation
**Files**: ground/foundation.md
**Depends**: none
**Success**: It stands
- [ ] Dig
- [ ] Pour

### T002: Order the lamp
**Files**: \`lamp/order.md:12\`
**Depends**: none
**Success**: It is ordered
- [ ] Write the letter

## P1 High

### T003: Build the stairs
**Files**: tower/stairs.md:45-60
**Depends**: T001
**Success**: One can climb
- [ ] Cut the steps

### T004: Mount the lamp
**Files**: tower/lamp.md
**Depends**: T002, T003
**Success**: It shines
- [ ] Carry it up

## P2 Medium

### T005: Paint it
**Files**: tower/paint.md
**Depends**: none
**Success**: It is white
- [ ] Two coats

## Dependencies
T001 → T003
`;

export const ALL_CRITICAL = `# Tasks: breakwater

## P0 Critical

### T001: Fetch stones
**Files**: stones.md
**Depends**: none

### T002: Fetch more stones
**Files**: more-stones.md
**Depends**: none

## P1 High

### T003: Admire it
**Files**: praise.md
**Depends**: none
`;

export const CIRCLE = `# Tasks: whirlpool

## P0 Critical

### T001: First
**Files**: a.md
**Depends**: T003

### T002: Second
**Files**: b.md
**Depends**: T001

### T003: Third
**Files**: c.md
**Depends**: T002
`;
