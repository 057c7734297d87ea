import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { LogFields } from '@sordino/core';
import fc from 'fast-check';
import { findCardNumbers } from '../cards/find.ts';
import { aCardNumber } from '../cards/testing.ts';
import { createLog, LOG_TEXT_CHARACTERS_MAX, type LogLevel } from './log.ts';

function aLog(level: LogLevel = 'debug', bindings: LogFields = {}) {
  const lines: string[] = [];
  const log = createLog({ destination: { write: (line) => lines.push(line) }, level, bindings });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') };
}

describe('a log line', () => {
  it('is one line of JSON with level, time, bindings, fields and message', () => {
    const { log, lines, last } = aLog('info', { part: 'sip' });
    log.warn('leg 7 refused', { status: 486, final: true, reason: null, gone: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    expect(last()).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      part: 'sip',
      status: 486,
      final: true,
      reason: null,
      msg: 'leg 7 refused',
    });
  });

  it('is written from its level up', () => {
    const { log, lines } = aLog('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd']);
  });

  it('stays one line when the text has newlines and control characters', () => {
    const { log, lines, last } = aLog();
    log.info('a\r\nINVITE \u001b[31m\u0000', { b: '\n{"level":"error"}' });
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(lines[0]).not.toContain('\u001b');
    expect(last().b).toBe('\n{"level":"error"}');
  });

  it('keeps its own names: a field called msg does not replace the message', () => {
    const { log, last } = aLog();
    log.info('true', { msg: 'false', level: 'x', time: 'y' });
    expect(last()).toMatchObject({ msg: 'true', level: 'info', field_msg: 'false', field_time: 'y' });
  });

  it('cuts long texts, but scans them first', () => {
    const { log, lines, last } = aLog();
    log.info(`${'x'.repeat(LOG_TEXT_CHARACTERS_MAX - 8)}4242424242424242`);
    expect(last().msg.length).toBeLessThan(LOG_TEXT_CHARACTERS_MAX + 40);
    expect(lines[0]).not.toContain('4242');
  });

  it('does not walk into an object that slipped in past the types', () => {
    const { log, last } = aLog();
    const session = { number: '4242424242424242' };
    log.info('oops', { session, count: 12n, run: () => 1 } as unknown as LogFields);
    expect(last()).toMatchObject({ session: '[object]', count: '12' });
  });

  it('shows that there was a secret, not the secret', () => {
    const { log, lines } = aLog();
    log.info('Bearer sk_test_0123456789abcdef', {
      a: 'ses_0a1b_secret_c2d3e4f5g6',
      b: 'sip:tok_0123456789@h',
      c: 'agt_9876543210',
    });
    expect(lines[0]).toMatch(
      /ses_0a1b_secret_\[secret\].*tok_\[secret\]@h.*agt_\[secret\].*sk_test_\[secret\]/,
    );
  });
});

describe('a log and card numbers', () => {
  it('masks them in messages, fields, field names, numbers and bindings, and counts', () => {
    const { log, lines, last } = aLog('info', { who: '4242 4242 4242 4242' });
    const child = log.child({ part: 'x' });
    child.info('card 4242424242424242', { number: 4242424242424242, '378282246310005': 'x' });
    expect(findCardNumbers(lines.join())).toEqual([]);
    expect(last()).toMatchObject({ msg: 'card [PAN]', number: '[PAN]', who: '[PAN]', '[PAN]': 'x' });
    expect(log.scannerHits()).toBe(4);
    expect(child.scannerHits()).toBe(4);
  });

  it('lets none through, whatever the text around it', () => {
    const gap = fc.constantFrom('', ' ', '-', '.', '%20', '\n');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        aCardNumber,
        gap,
        fc.string(),
        (before, number, between, after) => {
          const { log, lines } = aLog();
          const text = `${before}|${number.match(/.{1,4}/g)?.join(between)}|${after}`;
          log.info(text, { text });
          JSON.parse(lines[0] ?? '');
          expect(findCardNumbers(lines[0] ?? '', [number])).toEqual([]);
          expect(log.scannerHits()).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves the ordinary line alone', () => {
    const { log, last } = aLog();
    log.info('session ready', {
      session: 'ses_4242d8c9x0',
      at_ms: 1_790_000_000_000,
      from: '127.0.0.1:5060',
    });
    expect(last()).toMatchObject({
      session: 'ses_4242d8c9x0',
      at_ms: 1_790_000_000_000,
      from: '127.0.0.1:5060',
    });
    expect(log.scannerHits()).toBe(0);
  });
});

describe('a sink that fails', () => {
  it('loses the line and nothing else', () => {
    const log = createLog({
      level: 'info',
      destination: {
        write() {
          throw new Error('ENOSPC');
        },
      },
    });
    expect(() => log.info('a')).not.toThrow();
  });

  it('is standard output when none is given, complete before the process exits', () => {
    const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
    const script = `import { createLog } from ${JSON.stringify(built)};
      const log = createLog({ level: 'info' });
      for (let i = 0; i < 500; i++) log.info('card 4242424242424242', { i });
      process.exit(0);`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(run.stdout.trim().split('\n')).toHaveLength(500);
    expect(findCardNumbers(run.stdout)).toEqual([]);
  });
});
