/** Takes one applied change back. Only valid in reverse order of applying, of one session. */
export type Undo = () => void;

/** Of attempts and of operations: states in which money may still move. */
export const OPEN: ReadonlySet<string> = new Set(['sending', 'unknown']);

export function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Undo {
  const before = map.get(key);
  map.set(key, value);
  return () => {
    if (before === undefined) map.delete(key);
    else map.set(key, before);
  };
}
