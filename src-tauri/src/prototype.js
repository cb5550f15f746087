// Freezes the prototype of all objects before the page starts, so that text from a bill can never become a property of every
// object. A plain freeze (Tauri's `freezePrototype`) also forbids an object to have a `toString` or `constructor` of its own by
// assignment, which the charts' library does; here such an assignment makes an own property, as it would without the freeze.
(() => {
  const prototype = Object.prototype;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const { value, writable } = Object.getOwnPropertyDescriptor(prototype, name);
    if (!writable) continue;
    Object.defineProperty(prototype, name, {
      get: () => value,
      set(own) {
        if (this === prototype) throw new TypeError(`${name} of all objects is not to be changed`);
        Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
      },
      enumerable: false,
      configurable: false,
    });
  }
  Object.freeze(prototype);
})();
