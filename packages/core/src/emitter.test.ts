import { describe, expect, it } from '@jest/globals';
import { Emitter } from './emitter.ts';

describe('an emitter', () => {
  it('calls listeners in order, and the others when one throws', () => {
    const heard: string[] = [];
    const errors: unknown[] = [];
    const emitter = new Emitter<{ key: number }>((error) => errors.push(error));
    emitter.on('key', (value) => heard.push(`a${value}`));
    emitter.on('key', () => {
      throw new Error('deaf');
    });
    emitter.on('key', (value) => heard.push(`c${value}`));
    emitter.emit('key', 1);
    expect(heard).toEqual(['a1', 'c1']);
    expect(errors).toEqual([new Error('deaf')]);
  });

  it('forgets a listener that left, even while it emits', () => {
    const heard: number[] = [];
    const emitter = new Emitter<{ key: number }>(() => {});
    const leave = emitter.on('key', (value) => {
      heard.push(value);
      leave();
    });
    emitter.emit('key', 1);
    emitter.emit('key', 2);
    expect(heard).toEqual([1]);
  });
});
