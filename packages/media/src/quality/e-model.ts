/**
 * Conversational quality from what can be measured on the wire: ITU-T G.107 (narrow band) and G.107.1 (wide band) with all
 * parameters but delay, codec and loss at their defaults.
 */

/** What a codec costs (ITU-T G.113 Appendix I and IV). */
interface CodecImpairment {
  readonly wideband: boolean;
  /** Ie: impairment without loss. */
  readonly base: number;
  /** Bpl: robustness against loss, with the concealment that receivers of that codec have. */
  readonly lossRobustness: number;
}

/** G.711 with the concealment of its Appendix I. */
const G711: CodecImpairment = { wideband: false, base: 0, lossRobustness: 25.1 };

/** Opus is in no table of G.113: taken as wide band without an impairment of its own, concealed as well as G.711. */
const IMPAIRMENTS: Readonly<Record<string, CodecImpairment>> = {
  PCMU: G711,
  PCMA: G711,
  G722: { wideband: true, base: 13, lossRobustness: 4.3 },
  'L16/8000': { wideband: false, base: 0, lossRobustness: 4.3 },
  'L16/16000': { wideband: true, base: 0, lossRobustness: 4.3 },
  OPUS: { wideband: true, base: 0, lossRobustness: 25.1 },
};

/** R of a perfect narrow-band call with default parameters (G.107 §7.7). */
const R_NARROW_BAND_MAX = 93.2;
/** The same on the wide-band scale (G.107.1 §7.7). */
const R_WIDE_BAND_MAX = 129;
/** Loss on packet networks that is worth a figure comes in no longer runs than chance makes (G.107 §7.5: BurstR). */
const BURST_RATIO = 1;
/** G.107 Table 2: talker echo loudness rating, weighted echo path loss, and noise as they stand by default. */
const TELR_DB = 65;
const WEPL_DB = 110;
const NOISE_DBM0P = -61.18;
const RLR_DB = 2;
const SLR_DB = 8;

export interface NetworkQuality {
  /** An encoding name of SDP; upper or lower case. */
  readonly codec: string;
  /** Mouth to ear, one way. */
  readonly delayMs: number;
  /** Packets that were not played, per cent. */
  readonly lossPct: number;
}

/** Mean opinion score, 1 to 4.5; G.107 Annex B. A codec that nobody knows is judged as G.711. */
export function mosOf(quality: NetworkQuality): number {
  const codec = IMPAIRMENTS[quality.codec.toUpperCase()] ?? G711;
  const lossPct = Math.min(100, Math.max(0, quality.lossPct));
  const equipment =
    codec.base + ((95 - codec.base) * lossPct) / (lossPct / BURST_RATIO + codec.lossRobustness);
  const delayMs = Math.max(0, quality.delayMs);
  if (!codec.wideband) return mosFromRating(R_NARROW_BAND_MAX - delayImpairment(delayMs) - equipment);
  // G.107.1 Annex A: the wide-band scale is the narrow-band one, longer. Its echo terms need terminals that nobody measures.
  const rating = R_WIDE_BAND_MAX - absoluteDelayImpairment(delayMs) - equipment;
  return mosFromRating((rating * 100) / R_WIDE_BAND_MAX);
}

/** G.107 Annex B. */
export function mosFromRating(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  // The cubic dips below 1 for the smallest ratings.
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** Id of G.107 §7.4: talker echo, listener echo, and too long a delay even without echo. */
function delayImpairment(delayMs: number): number {
  return (
    talkerEchoImpairment(delayMs) + listenerEchoImpairment(2 * delayMs) + absoluteDelayImpairment(delayMs)
  );
}

function talkerEchoImpairment(delayMs: number): number {
  const rating = -1.5 * (NOISE_DBM0P - RLR_DB);
  const terv =
    TELR_DB - 40 * Math.log10((1 + delayMs / 10) / (1 + delayMs / 150)) + 6 * Math.exp(-0.3 * delayMs ** 2);
  const half = (rating - (80 + 2.5 * (terv - 14))) / 2;
  return (half + Math.sqrt(half ** 2 + 100) - 1) * (1 - Math.exp(-delayMs));
}

function listenerEchoImpairment(roundTripMs: number): number {
  const rating = 15 - 1.5 * (SLR_DB + NOISE_DBM0P);
  const half = (rating - 10.5 * (WEPL_DB + 7) * (roundTripMs + 1) ** -0.25) / 2;
  return half + Math.sqrt(half ** 2 + 169);
}

function absoluteDelayImpairment(delayMs: number): number {
  if (delayMs <= 100) return 0;
  const x = Math.log2(delayMs / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}
