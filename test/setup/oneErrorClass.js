/**
 * Tests run in a context with an `Error` of its own; Node's errors, such as a broken connection's, are of the outer one.
 * Outside of tests there is only one: here every error counts as an `Error`, wherever it was made.
 */
const ordinary = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value(thing) {
    return ordinary.call(this, thing) || (this === Error && Error.isError(thing));
  },
});
