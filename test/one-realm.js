import { types } from 'node:util';

/*
 * Jest runs each test file in a realm of its own, whose `Error` is not the one that Node's functions throw: without
 * this, `error instanceof Error` is false for every failed system call, in tests alone.
 */
const ordinary = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value(candidate) {
    return ordinary.call(this, candidate) || (this === Error && types.isNativeError(candidate));
  },
});
