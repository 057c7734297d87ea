const DAY_MS = 86_400_000;

export interface YearMonth {
  readonly year: number;
  /** 1-12 */
  readonly month: number;
}

/** Calendar month of a Unix time in UTC. (Days to civil date: the proleptic Gregorian rule over 400-year eras.) */
export function yearMonthUtc(unixMs: number): YearMonth {
  const days = Math.floor(unixMs / DAY_MS) + 719_468; // from 0000-03-01, so that a leap day ends the year
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month };
}
