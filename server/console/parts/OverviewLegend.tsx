import { words } from '../messages/messages.ts';
import type { Hour } from '../overview.ts';
import { Cells } from './HourStrip.tsx';
import css from './OverviewLegend.module.css';

const shown: readonly Hour[] = ['passed', 'slow', 'failing1', 'failing2', 'failing3', 'errored', 'none'];

/** What the cells of the strips mean. */
export function OverviewLegend() {
  return (
    <ul className={css.legend} aria-label={words.overviewPage.legend}>
      <li>{words.overviewPage.legend}</li>
      {shown.map((kind) => (
        <li key={kind}>
          <span className={css.cell}>
            <Cells kinds={[kind]} />
          </span>
          {words.overviewPage.legendHours[kind]}
        </li>
      ))}
    </ul>
  );
}
