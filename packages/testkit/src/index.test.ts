import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

describe('the built package', () => {
  // Jest is kinder to CommonJS dependencies than Node is: only Node itself can say that the simulators start.
  it('loads in plain Node and talks', async () => {
    const index = new URL('../dist/index.js', import.meta.url);
    const script = `
      const { RtpPhone, speechLike } = await import(${JSON.stringify(index.href)});
      const one = await RtpPhone.open({ host: '127.0.0.1', codec: 'PCMA', talker: speechLike(1) });
      const two = await RtpPhone.open({ host: '127.0.0.1', codec: 'PCMA', talker: speechLike(2) });
      one.setPeer({ rtp: two.rtp, rtcp: two.rtcp, codec: 'PCMA', audioPayloadType: 8 });
      one.startTalking();
      while (two.heard.packets.length < 5) await new Promise((resume) => setTimeout(resume, 5));
      console.log(two.heard.timeline().samples.length >= 800);
      one.close();
      two.close();
    `;
    const node = promisify(execFile);
    const { stdout } = await node(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('.', index)),
      env: {},
      timeout: 15_000,
    });
    expect(stdout).toBe('true\n');
  });
});
