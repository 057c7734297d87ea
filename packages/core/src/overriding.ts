/**
 * `inner` with some of its members replaced: all others are its own, whatever the interface grows. Methods run on `inner` itself, whose
 * private fields no other object has.
 */
export function overriding<Port extends object>(inner: Port, members: Partial<Port>): Port {
  return new Proxy(inner, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
