/** How availability is counted; printed with every report. */
export const rule =
  'Availability is passed ÷ (passed + failed) runs; errored and skipped runs count in neither, of a failed run and its confirming one only one counts, and coverage tells how much was measured.';
