import { askAhead } from './api/ahead.ts';
import { bounds, readPeriod, stepFor } from './period.ts';

/*
 * The first that is loaded: it asks for what the page at this address will show, while the console itself is on its way.
 * Nothing depends on it: what was not asked here, or otherwise, is asked by the page.
 */

askAhead('/session');
const [, customerId, monitorId] = /^\/c\/([\w-]+)\/monitors\/([\w-]{36})$/.exec(window.location.pathname) ?? [];
if (customerId && monitorId) {
  const period = readPeriod(window.location.search);
  const asked = bounds(period, Date.now());
  const at = `/customers/${customerId}/monitors/${monitorId}`;
  const query = `from=${asked.from}&to=${asked.to}`;
  askAhead(`${at}?${query}`);
  askAhead(`${at}/response-times?${query}&step=${stepFor(asked)}`);
}
void import('./main.tsx');
if (monitorId) {
  void import('./pages/Monitor.tsx');
  void import('./parts/ResponseTimesChart.tsx');
}
