import './styles.ts';
import { createRoot } from 'react-dom/client';
import type { ServiceReport } from './api/types.ts';
import { periodName } from './calendar.ts';
import { messages } from './messages/messages.ts';
import { ReportSheet } from './parts/report/ReportSheet.tsx';

/* The page that the server prints: the same sheet as on screen, of figures that lie beside it. It asks for nothing else. */

const asked = await fetch('/report.json');
const { report, generatedAt }: { report: ServiceReport; generatedAt: number } = await asked.json();
const title = [messages.reports.templates[report.template].name, report.customer, periodName(report.calendarPeriod)];
document.title = title.join(' · ');
foot(document.title);
const root = document.getElementById('root');
if (!root) throw new Error('print.html has no element with the id "root"');
createRoot(root).render(<ReportSheet report={report} generatedAt={generatedAt} />);

/** Says on every sheet of paper of what it is one. */
function foot(text: string): void {
  const sheet = new CSSStyleSheet();
  const written = JSON.stringify(text.replaceAll(/[\\"\p{Cc}]/gu, ' '));
  sheet.replaceSync(
    `@page { @bottom-left { content: ${written}; color: #68717e; font: 8pt "Inter Variable", system-ui, sans-serif; } }`,
  );
  document.adoptedStyleSheets.push(sheet);
}
