import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { expectLadder } from './expect-ladder.ts';
import { Ladder, ladderShape } from './ladder.ts';
import { lineDiff } from './line-diff.ts';
import { summarizeSip } from './sip-summary.ts';

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

function request(method: string, callId: string, more: string[] = [], body = ''): string {
  const type = body === '' ? [] : ['Content-Type: application/sdp'];
  const headers = [`Call-ID: ${callId}`, `CSeq: 1 ${method}`, ...type, ...more];
  return [`${method} sip:x@127.0.0.1 SIP/2.0`, ...headers, '', body].join('\r\n');
}

function response(line: string, method: string, callId: string, body = ''): string {
  const type = body === '' ? [] : ['Content-Type: application/sdp'];
  return [`SIP/2.0 ${line}`, `Call-ID: ${callId}`, `CSeq: 1 ${method}`, ...type, '', body].join('\r\n');
}

function engaging(): Ladder {
  const ladder = new Ladder({
    columns: ['customer', 'platform', 'sordino'],
    addresses: { '127.0.0.1:5060': 'platform', '127.0.0.1:5070': 'sordino', '127.0.0.1:5080': 'customer' },
  });
  const [customer, platform, sordino] = ['127.0.0.1:5080', '127.0.0.1:5060', '127.0.0.1:5070'];
  ladder.tagLeg('c5', '(5)');
  ladder.tagLeg('c7', '(7)');
  ladder.media({ atMs: 1000, from: 'customer', to: 'platform', label: 'RTP' });
  ladder.message({ atMs: 1010, from: platform, to: sordino, text: request('INVITE', 'c5') });
  ladder.message({ atMs: 1012, from: sordino, to: platform, text: response('100 Trying', 'INVITE', 'c5') });
  ladder.message({ atMs: 1020, from: sordino, to: platform, text: request('INVITE', 'c7', [], SDP) });
  ladder.message({ atMs: 1520, from: sordino, to: platform, text: request('INVITE', 'c7', [], SDP) });
  ladder.message({ atMs: 1530, from: platform, to: sordino, text: response('200 OK', 'INVITE', 'c7', SDP) });
  ladder.note({ atMs: 1531, label: '== commit point ==' });
  ladder.message({ atMs: 1532, from: sordino, to: platform, text: response('200 OK', 'INVITE', 'c5', SDP) });
  ladder.message({
    atMs: 1533,
    from: platform,
    to: customer,
    text: request('INVITE', 'c4', ['To: <sip:c>;tag=9'], SDP),
  });
  ladder.media({ atMs: 1600, from: 'sordino', to: 'customer', label: 'RTP PCMU' });
  return ladder;
}

describe('summarizeSip', () => {
  it.each([
    [request('INVITE', 'a'), 'INVITE'],
    [request('INVITE', 'a', [], SDP), 'INVITE (SDP)'],
    [request('INVITE', 'a', ['t: <sip:b>;tag=1'], `${SDP}a=sendonly\r\n`), 're-INVITE (SDP sendonly)'],
    [request('ACK', 'a', ['To: <sip:b>;tag=1'], SDP), 'ACK (SDP)'],
    [response('200 OK', 'BYE', 'a'), '200 OK BYE'],
    [response('488 Not Acceptable Here', 'INVITE', 'a'), '488 Not Acceptable Here INVITE'],
    [response('200', 'INVITE', 'a'), '200 INVITE'],
    [request('BYE', 'a', ['Reason: SIP;cause=200;text="call restored"']), 'BYE "call restored"'],
    [`INFO sip:x SIP/2.0\nc: application/dtmf-relay\ni: q\n\nSignal=1`, 'INFO (application/dtmf-relay)'],
    ['', '(no SIP) '],
    ['GET / HTTP/1.1\r\n\r\n', '(no SIP) GET / HTTP/1.1'],
    ['SIP/2.0 nonsense', '(no SIP) SIP/2.0 nonsense'],
  ])('%# labels a message', (text, label) => {
    expect(summarizeSip(text).label).toBe(label);
  });

  it('finds the Call-ID in either form', () => {
    expect(summarizeSip(request('BYE', 'one@two')).callId).toBe('one@two');
    expect(summarizeSip('BYE sip:x SIP/2.0\r\ni : three\r\n\r\n').callId).toBe('three');
  });
});

describe('Ladder', () => {
  it('draws parties, tags, media and notes, without times, for comparison', () => {
    expectLadder(engaging().shape(), new URL('./engage.ladder.txt', import.meta.url));
  });

  it('draws times, and marks what was sent again', () => {
    const lines = engaging().render().split('\n');
    expect(lines[5]).toBe('   0.520   +0.500      |                    |<-(7) INVITE (SDP) (again)---|');
    expect(lines[6]).toBe('   0.530   +0.010      |                    |---(7) 200 OK INVITE (SDP)-->|');
    expect(lines).toHaveLength(12);
  });

  it('puts late messages in their place and gives strangers a column', () => {
    const ladder = new Ladder({ columns: ['a', 'b'] });
    ladder.message({ atMs: 20, from: 'b', to: '10.0.0.9:5060', text: request('BYE', 'x') });
    ladder.message({ atMs: 10, from: 'a', to: 'b', text: request('INVITE', 'x') });
    const [header, first, second] = ladder.shape().split('\n');
    expect(header).toContain('10.0.0.9:5060');
    expect(first).toMatch(/\|-+INVITE-+>\| +\|$/);
    expect(second).toMatch(/\| +\|-+BYE-+>\|$/);
    ladder.nameAddress('10.0.0.9', 'stranger');
    expect(ladder.shape()).toContain('stranger');
  });

  it('is a header only, with nothing in it', () => {
    expect(ladderShape({ columns: ['a', 'b'] }, [])).toBe('  a             b\n');
  });

  it('shows a message to oneself without an arrow', () => {
    expect(
      ladderShape({ columns: ['a', 'b'] }, [{ atMs: 1, from: 'a', to: 'a', text: request('BYE', 'x') }]),
    ).toContain('| (BYE)');
  });
});

describe('expectLadder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ladder-'));
  const file = pathToFileURL(join(folder, 'engage.ladder.txt'));
  afterEach(() => {
    delete process.env.UPDATE_LADDERS;
    rmSync(folder, { recursive: true, force: true });
  });

  it('fails without the file, writes it only when asked, then passes, then fails with a diff', () => {
    expect(() => expectLadder('one\ntwo\n', file)).toThrow('run with UPDATE_LADDERS=1');
    process.env.UPDATE_LADDERS = '1';
    expectLadder('one\ntwo\n', file);
    delete process.env.UPDATE_LADDERS;
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expectLadder('one\ntwo\n', file);
    expect(() => expectLadder('one\nthree\n', file)).toThrow('  one\n- two\n+ three');
  });

  it('compares line by line', () => {
    expect(lineDiff('a\nb\nc', 'b\nc\nd')).toBe('- a\n  b\n  c\n+ d');
    expect(lineDiff('', 'x')).toBe('- \n+ x');
  });
});
