import { messages } from '../messages/messages.ts';
import type { Goal } from './code/CodeEditor.tsx';
import css from './DraftProblems.module.css';
import type { DraftCheck } from './use-check.ts';

const say = messages.scripts;

/** What stands in the way of publishing, each with its place; or what the draft asks for. */
export function DraftProblems({ check, onShow }: { check: DraftCheck; onShow(file: string, place: Goal): void }) {
  const { faults, problem, isAsking, hosts, secrets } = check;
  if (problem !== undefined) {
    return (
      <p role="alert" className={css.problem}>
        {say.checkFailed} {problem}
      </p>
    );
  }
  if (faults.length === 0) {
    return (
      <p role="status" className={css.fine}>
        {isAsking ? say.checking : `${say.noProblems} ${say.asks(namesOr(hosts, say.noHosts), readsOf(secrets))}`}
      </p>
    );
  }
  return (
    <div className={css.faults} data-asking={isAsking}>
      <h3>
        {say.problems} <span className="muted">{faults.length}</span>
      </h3>
      <ul>
        {faults.map((fault) => (
          <li key={`${fault.file} ${fault.line} ${fault.column} ${fault.code}`}>
            <button type="button" onClick={() => onShow(fault.file, fault)}>
              {say.place(fault.file, fault.line, fault.column)}
            </button>{' '}
            <code>{fault.code}</code> {fault.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

function namesOr(names: readonly string[], none: string): string {
  return names.length === 0 ? none : names.join(', ');
}

function readsOf(secrets: readonly string[]): string {
  return secrets.length === 0 ? say.asksNoSecrets : say.asksSecrets(secrets.join(', '));
}
