// Swedish dates are ISO 8601 but for the `T`.
const clockFace = new Intl.DateTimeFormat('sv-SE', {
  ...{ timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' },
});

/** `2026-11-22T18:20:00Z`; texts of this form compare as their times do. */
export const utcText = (unixMs: number): string => `${clockFace.format(unixMs).replace(' ', 'T')}Z`;
