import { describe, expect, it } from '@jest/globals';
import { type MaskAttestation, nothingAttested } from '@sordino/core';
import { joinAttestations } from './join-attestations.ts';

const part = (over: Partial<MaskAttestation>): MaskAttestation => ({ ...nothingAttested(30), ...over });

describe('the attestation of a call that moved to another relay', () => {
  it('adds up keys, and takes the worst of levels', () => {
    const [one, other] = [
      part({ keys_in: 4, tones_out: 0, worst_residual_dbm0: -76, speech_dbm0: -40 }),
      part({ keys_in: 12, tones_out: 1, worst_residual_dbm0: -12, speech_dbm0: -47 }),
    ];
    expect(joinAttestations([one, other], false)).toEqual({
      ...{ keys_in: 16, tones_out: 1, worst_residual_dbm0: -12, speech_dbm0: -47, lookback_ms: 30 },
      complete: false,
    });
  });

  it('keeps what only one of them could measure', () => {
    const measured = part({ worst_residual_dbm0: -60, speech_dbm0: -45 });
    for (const parts of [
      [measured, part({})],
      [part({}), measured],
    ]) {
      expect(joinAttestations(parts, true)).toEqual(measured);
    }
  });

  it('is that of its only relay, and nothing where there was none', () => {
    const only = part({ keys_in: 3 });
    expect(joinAttestations([only], true)).toEqual(only);
    expect(joinAttestations([], true)).toBeUndefined();
  });
});
