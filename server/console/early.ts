import { askAhead } from './api/ahead.ts';
import { bounds, stepFor } from './period.ts';
import { monitorShown } from './shown-first.ts';

/*
 * The first that is loaded: it asks for what the page at this address will show, while the console itself is on its way.
 * Nothing depends on it: what was not asked here, or otherwise, is asked by the page.
 */

askAhead('/session');
const shown = monitorShown(window.location);
if (shown) {
  const asked = bounds(shown.period, Date.now());
  const at = `/customers/${shown.customerId}/monitors/${shown.monitorId}`;
  const query = `from=${asked.from}&to=${asked.to}`;
  askAhead(`${at}?${query}`);
  askAhead(`${at}/response-times?${query}&step=${stepFor(asked)}`);
}
void import('./main.tsx');
if (shown) void import('./parts/ResponseTimesChart.tsx');
